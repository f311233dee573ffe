//! Calls between services: what one offers another, with every call through it written down as AWS shows it.
//!
//! A call that a service makes for somebody is that caller's, `invokedBy` the service; one that it makes as itself is the
//! service's. Both come from the service's name in place of an address.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use crate::CloudTrail;
use base::{AccountId, Arn, BoxFut, Region, RequestId};
use seams::{
    Audit, AuditedCall, Authorizer, CallCx, Caller, DataKey, Error, FunctionAnswer, FunctionCall,
    FunctionInvoker, KeyUse, Keys, Principal, Roles, ServiceSession, TemporaryCredentials,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Writes calls down, and why they were denied.
#[derive(Clone)]
pub struct Watch {
    cloudtrail: Arc<CloudTrail>,
    authorizer: Arc<dyn Authorizer>,
}

/// What a service offers, watched.
struct Watched<S: ?Sized> {
    inner: Arc<S>,
    watch: Watch,
}

/// An operation that a call stands for.
struct Operation {
    /// As endpoints name the service.
    service: &'static str,
    name: &'static str,
    api_version: &'static str,
}

const fn kms(name: &'static str) -> Operation {
    Operation { service: "kms", name, api_version: "2014-11-01" }
}

const INVOKE: Operation =
    Operation { service: "lambda", name: "Invoke", api_version: "2015-03-31" };
const ASSUME_ROLE: Operation =
    Operation { service: "sts", name: "AssumeRole", api_version: "2011-06-15" };

impl Watch {
    /// Writes to `cloudtrail`.
    pub fn new(cloudtrail: Arc<CloudTrail>, authorizer: Arc<dyn Authorizer>) -> Self {
        Watch { cloudtrail, authorizer }
    }

    /// Keys whose use is written down.
    pub fn keys(&self, inner: Arc<dyn Keys>) -> Arc<dyn Keys> {
        Arc::new(Watched { inner, watch: self.clone() })
    }

    /// Roles whose sessions are written down.
    pub fn roles(&self, inner: Arc<dyn Roles>) -> Arc<dyn Roles> {
        Arc::new(Watched { inner, watch: self.clone() })
    }

    /// Functions whose invocations are written down where they are denied, being calls on data.
    pub fn functions(&self, inner: Arc<dyn FunctionInvoker>) -> Arc<dyn FunctionInvoker> {
        Arc::new(Watched { inner, watch: self.clone() })
    }

    /// Writes down a call that ended with `result`. `detail` gives what the request said and what the answer shows; it is
    /// asked only where the call is recorded.
    fn record<T>(
        &self,
        cx: &CallCx,
        through: Option<String>,
        operation: &Operation,
        result: &Result<T, Error>,
        detail: impl FnOnce(Option<&T>) -> (Value, Value),
    ) {
        let event_source = format!("{}.amazonaws.com", operation.service);
        let error = result.as_ref().err();
        let is_denied = error.is_some_and(|error| error.code.starts_with("AccessDenied"));
        if !is_denied && self.cloudtrail.is_data(&event_source, operation.name) {
            return;
        }
        let (parameters, answer) = detail(result.as_ref().ok());
        let shown = |value: Value| (!value.is_null()).then(|| value.to_string());
        let explanation = is_denied.then(|| self.authorizer.explanation(cx.request_id)).flatten();
        let told = |error: &Error| {
            // The cause of an internal error is for the log.
            let message = if error.is_internal() { "" } else { &*error.message };
            (error.code.to_string(), message.to_string())
        };
        let call = AuditedCall {
            event_source,
            event_name: operation.name,
            api_version: operation.api_version,
            parameters: shown(parameters),
            answer: shown(answer),
            error: error.map(told),
            explanation,
            through,
        };
        // The request that caused the call has an event of its own under its id.
        let request_id = RequestId::new(&*self.cloudtrail.entropy);
        self.cloudtrail.record(&CallCx { request_id, ..cx.clone() }, call);
    }

    fn record_key_use<T>(
        &self,
        cx: &CallCx,
        key: &KeyUse<'_>,
        name: &'static str,
        more: Value,
        result: &Result<T, Error>,
    ) {
        let is_service = matches!(cx.caller.principal, Principal::Service { .. });
        let through = (!is_service).then(|| format!("{}.amazonaws.com", key.service));
        self.record(cx, through, &kms(name), result, |_| {
            let mut parameters = Map::new();
            if let Some(key_id) = key.key_id {
                parameters.insert("keyId".to_string(), key_id.into());
            }
            if name != "CreateGrant" {
                parameters.insert("encryptionContext".to_string(), json!(key.context));
            }
            parameters.extend(more.as_object().cloned().unwrap_or_default());
            (parameters.into(), Value::Null)
        });
    }
}

impl Keys for Watched<dyn Keys> {
    fn key_arn<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
    ) -> BoxFut<'a, Result<String, Error>> {
        self.inner.key_arn(cx, key)
    }

    fn encrypt<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
        plaintext: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, Error>> {
        Box::pin(async move {
            let result = self.inner.encrypt(cx, key, plaintext).await;
            self.watch.record_key_use(cx, key, "Encrypt", symmetric(), &result);
            result
        })
    }

    fn decrypt<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
        ciphertext: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, Error>> {
        Box::pin(async move {
            let result = self.inner.decrypt(cx, key, ciphertext).await;
            self.watch.record_key_use(cx, key, "Decrypt", symmetric(), &result);
            result
        })
    }

    fn generate_data_key<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
    ) -> BoxFut<'a, Result<DataKey, Error>> {
        Box::pin(async move {
            let result = self.inner.generate_data_key(cx, key).await;
            let more = json!({ "keySpec": "AES_256" });
            self.watch.record_key_use(cx, key, "GenerateDataKey", more, &result);
            result
        })
    }

    fn grant_decrypt<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
        grantee: &'a str,
    ) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async move {
            let result = self.inner.grant_decrypt(cx, key, grantee).await;
            let more = json!({
                "granteePrincipal": grantee,
                "operations": ["Decrypt"],
                "constraints": { "encryptionContextEquals": key.context },
            });
            self.watch.record_key_use(cx, key, "CreateGrant", more, &result);
            result
        })
    }
}

/// The algorithm of every key that services use.
fn symmetric() -> Value {
    json!({ "encryptionAlgorithm": "SYMMETRIC_DEFAULT" })
}

impl Roles for Watched<dyn Roles> {
    fn check_assumable<'a>(
        &'a self,
        account: AccountId,
        role_arn: &'a str,
        service: &'a str,
    ) -> BoxFut<'a, Result<(), Error>> {
        self.inner.check_assumable(account, role_arn, service)
    }

    fn check_pass<'a>(
        &'a self,
        cx: &'a CallCx,
        role_arn: &'a str,
        service: &'a str,
    ) -> BoxFut<'a, Result<(), Error>> {
        self.inner.check_pass(cx, role_arn, service)
    }

    fn assume_for_service<'a>(
        &'a self,
        account: AccountId,
        region: &'a Region,
        role_arn: &'a str,
        service: &'a str,
        session: ServiceSession<'a>,
    ) -> BoxFut<'a, Result<TemporaryCredentials, Error>> {
        Box::pin(async move {
            let made = self.inner.assume_for_service(account, region, role_arn, service, session);
            let result = made.await;
            let cloudtrail = &self.watch.cloudtrail;
            let caller = Arc::new(Caller::service(account, service));
            let (id, now) = (RequestId::new(&*cloudtrail.entropy), cloudtrail.clock.now());
            let cx = CallCx::internal(caller, region.clone(), id, now, None);
            self.watch.record(&cx, None, &ASSUME_ROLE, &result, |made| {
                let parameters = json!({ "roleArn": role_arn, "roleSessionName": session.name });
                let answer = made.map_or(Value::Null, |made| {
                    json!({
                        "credentials": {
                            "accessKeyId": made.access_key_id,
                            "expiration": made.expires_at.unix_s(),
                        },
                        "assumedRoleUser": {
                            "assumedRoleId": made.caller.user_id,
                            "arn": made.caller.arn,
                        },
                    })
                });
                (parameters, answer)
            });
            result
        })
    }
}

impl Watched<dyn FunctionInvoker> {
    fn record<T>(
        &self,
        cx: &CallCx,
        function: &Arn,
        invocation_type: &str,
        result: &Result<T, Error>,
    ) {
        // It is the function's owner who is told.
        let (account, region) = (function.account_id(), Region::parse(function.region()));
        let cx = CallCx {
            account: account.unwrap_or(cx.account),
            region: region.unwrap_or_else(|| cx.region.clone()),
            ..cx.clone()
        };
        self.watch.record(&cx, None, &INVOKE, result, |_| {
            let parameters =
                json!({ "functionName": function.as_str(), "invocationType": invocation_type });
            (parameters, Value::Null)
        });
    }
}

impl FunctionInvoker for Watched<dyn FunctionInvoker> {
    fn check<'a>(&'a self, cx: &'a CallCx, function: &'a Arn) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async move {
            let result = self.inner.check(cx, function).await;
            self.record(cx, function, "DryRun", &result);
            result
        })
    }

    fn send<'a>(&'a self, cx: &'a CallCx, call: FunctionCall<'a>) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async move {
            let function = call.function;
            let result = self.inner.send(cx, call).await;
            self.record(cx, function, "Event", &result);
            result
        })
    }

    fn invoke<'a>(
        &'a self,
        cx: &'a CallCx,
        call: FunctionCall<'a>,
    ) -> BoxFut<'a, Result<FunctionAnswer, Error>> {
        Box::pin(async move {
            let function = call.function;
            let result = self.inner.invoke(cx, call).await;
            self.record(cx, function, "RequestResponse", &result);
            result
        })
    }

    fn log_group<'a>(&'a self, function: &'a Arn) -> BoxFut<'a, Result<Option<String>, Error>> {
        self.inner.log_group(function)
    }
}

#[cfg(test)]
mod tests;
