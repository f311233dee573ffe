//! A cloud with nothing but IAM.

use base::{AccountId, Region, RequestId, SeededEntropy, SimClock, Time};
use rt::{Routes, Service};
use seams::{Authorizer, CallCx, Caller, Identities};
use std::sync::Arc;
use store::Store;
use svc_iam::{Deps, Iam};
use wire::{Body, Protocol, Request};

pub struct Cloud {
    pub iam: Arc<Iam>,
    routes: Routes,
    entropy: SeededEntropy,
}

/// What AWS's clients show of a failed call.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: String,
    pub status: u16,
    pub message: String,
}

pub fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

impl Cloud {
    pub fn new() -> Self {
        let deps = Deps {
            store: Store::in_memory(),
            root_key: sealing::RootKey::new([7; 32]),
            clock: Arc::new(SimClock::new(Time::from_unix_s(1_700_000_000))),
            entropy: Arc::new(SeededEntropy::new(1)),
            endpoint_url: "http://127.0.0.1:4566".to_string(),
        };
        let iam = Arc::new(Iam::new(deps));
        Cloud { routes: iam.clone().routes(), iam, entropy: SeededEntropy::new(2) }
    }

    pub fn cx(&self, caller: &Caller) -> CallCx {
        CallCx {
            caller: Arc::new(caller.clone()),
            account: caller.account,
            region: Region::default(),
            request_id: RequestId::new(&self.entropy),
            received_at: Time::from_unix_s(1_700_000_000),
            source_arn: None,
            source_ip: None,
            user_agent: "test".into(),
            hops: 0,
            trace: Default::default(),
        }
    }

    /// The answer's XML.
    pub async fn call_as(
        &self,
        caller: &Caller,
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<String, Fault> {
        let (service, protocol) = (&wire_iam::SERVICE, Protocol::AwsQuery);
        let operation = service.operation(action).expect("an operation of IAM");
        let mut body = format!("Action={action}&Version={}", service.version);
        for (key, value) in params {
            body.push_str(&format!("&{key}={}", encode(value)));
        }
        let request = Request {
            method: http::Method::POST,
            path: "/".to_string(),
            query: String::new(),
            headers: http::HeaderMap::new(),
            body: Body::Full(body.into()),
        };
        let cx = Arc::new(self.cx(caller));
        let answer = self.routes.call(protocol, operation, request, cx, &*self.iam).await;
        match answer {
            Ok(answer) => {
                let body = answer.body.full().expect("not a stream").to_vec();
                Ok(String::from_utf8(body).expect("XML is text"))
            }
            Err(error) => Err(Fault {
                code: error.code(service, protocol).to_string(),
                status: error.status(service, protocol),
                message: match error.internal_cause() {
                    Some(cause) => format!("{cause:?}"),
                    None => error.message().to_string(),
                },
            }),
        }
    }

    /// As the root user; the call must succeed.
    pub async fn call(&self, action: &str, params: &[(&str, &str)]) -> String {
        let root = Caller::root(account(), None);
        self.call_as(&root, action, params).await.unwrap_or_else(|f| panic!("{action}: {f:?}"))
    }

    /// As the root user; the call must fail.
    pub async fn fail(&self, action: &str, params: &[(&str, &str)]) -> (String, String) {
        let root = Caller::root(account(), None);
        match self.call_as(&root, action, params).await {
            Ok(answer) => panic!("{action} succeeded: {answer}"),
            Err(fault) => (fault.code, fault.message),
        }
    }

    /// A user with an access key, and the user as a caller.
    pub async fn user(&self, name: &str) -> Caller {
        self.call("CreateUser", &[("UserName", name)]).await;
        let key = self.call("CreateAccessKey", &[("UserName", name)]).await;
        let id = text(&key, "AccessKeyId");
        let credential = self.iam.long_term_credential(&id).unwrap().expect("the key is active");
        (*credential.caller).clone()
    }

    /// What the authorizer says; the message of a denial.
    pub async fn decide(
        &self,
        caller: &Caller,
        action: &str,
        resource: &str,
    ) -> Result<(), String> {
        let request = seams::AccessRequest::new(action.to_string(), resource);
        self.iam.authorize(&self.cx(caller), &request).await.map_err(|error| error.message)
    }
}

fn encode(value: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric();
    value
        .bytes()
        .map(|b| if is_plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// The first element with this name.
pub fn text(xml: &str, name: &str) -> String {
    texts(xml, name).into_iter().next().unwrap_or_else(|| panic!("no {name} in {xml}"))
}

/// All elements with this name.
pub fn texts(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1);
    parts.map(|part| part.split(&close).next().unwrap_or_default().to_string()).collect()
}

/// A document with one statement.
pub fn document(effect: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

/// A trust policy for one principal, such as `"Service":"lambda.amazonaws.com"`.
pub fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{{principal}}},"Action":"sts:AssumeRole"}}]}}"#
    )
}
