//! What the service offers to others.

use crate::model::name::FunctionName;
use crate::ops::invoke;
use crate::outcome::function_target;
use crate::{Lambda, errors, routes};
use base::{Arn, BoxFut};
use bytes::Bytes;
use seams::{CallCx, Error, FunctionAnswer, FunctionCall, FunctionInvoker};
use std::sync::{Arc, OnceLock, Weak};
use wire::Protocol;
use wire_lambda::{InvocationRequest, InvocationResponse, InvocationType, SERVICE};

/// Functions for other services. It is handed out before the service itself exists, because services need each other, and
/// works from [`Invoker::connect`] on.
#[derive(Default)]
pub struct Invoker(OnceLock<Weak<Lambda>>);

impl Invoker {
    /// From now on it invokes the functions of `lambda`.
    pub fn connect(&self, lambda: &Arc<Lambda>) {
        let _ = self.0.set(Arc::downgrade(lambda));
    }

    fn lambda(&self) -> Result<Arc<Lambda>, Error> {
        let lambda = self.0.get().and_then(Weak::upgrade);
        lambda.ok_or_else(|| Error::internal("Lambda is not there"))
    }

    /// As a request over HTTP: the access rule first, then the operation.
    async fn call(
        &self,
        cx: &CallCx,
        call: FunctionCall<'_>,
        invocation_type: InvocationType,
    ) -> Result<InvocationResponse, Error> {
        let lambda = self.lambda()?;
        let name = named(call.function)?;
        // The request goes to the endpoint of the function's region.
        let cx = CallCx { region: name.region.clone(), ..cx.clone() };
        let mut request = routes::invoke_request(&lambda, &name).map_err(fault)?;
        if let Some(token) = call.event_source_token {
            request = request.with("lambda:EventSourceToken", token);
        }
        lambda.deps.authorizer.authorize(&cx, &request).await.map_err(denied)?;
        let input = InvocationRequest {
            function_name: name.arn(),
            invocation_type: Some(invocation_type),
            payload: Some(Bytes::from(call.payload)),
            ..Default::default()
        };
        invoke::invoke(lambda, Arc::new(cx), input).await.map_err(fault)
    }
}

impl FunctionInvoker for Invoker {
    fn check<'a>(&'a self, cx: &'a CallCx, function: &'a Arn) -> BoxFut<'a, Result<(), Error>> {
        let call = FunctionCall::new(function, Vec::new());
        Box::pin(async move { self.call(cx, call, InvocationType::DryRun).await.map(drop) })
    }

    fn send<'a>(&'a self, cx: &'a CallCx, call: FunctionCall<'a>) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async move { self.call(cx, call, InvocationType::Event).await.map(drop) })
    }

    fn invoke<'a>(
        &'a self,
        cx: &'a CallCx,
        call: FunctionCall<'a>,
    ) -> BoxFut<'a, Result<FunctionAnswer, Error>> {
        Box::pin(async move {
            let answer = self.call(cx, call, InvocationType::RequestResponse).await?;
            Ok(FunctionAnswer {
                version: answer.executed_version.unwrap_or_default(),
                payload: answer.payload.map(Vec::from).unwrap_or_default(),
                function_error: answer.function_error,
            })
        })
    }

    fn log_group<'a>(&'a self, function: &'a Arn) -> BoxFut<'a, Result<Option<String>, Error>> {
        Box::pin(async move {
            let (lambda, name) = (self.lambda()?, named(function)?);
            match lambda.resolver.resolve(&name).await {
                Ok(resolved) => {
                    let target = resolved.choose(&*lambda.deps.entropy).map_err(fault)?;
                    Ok(Some(target.record.configuration.logging.group.clone()))
                }
                Err(error) if error.is("ResourceNotFoundException") => Ok(None),
                Err(error) => Err(fault(error)),
            }
        })
    }
}

/// The function that the ARN names.
fn named(function: &Arn) -> Result<FunctionName, Error> {
    let name = function_target(function.as_str());
    name.ok_or_else(|| fault(errors::function_not_found(function.as_str())))
}

/// A denial gets the code that `Invoke` has over HTTP.
fn denied(error: Error) -> Error {
    if error.is_internal() {
        return error;
    }
    Error::new(403, "AccessDeniedException", error.message)
}

fn fault(error: wire::Error) -> Error {
    if let Some(cause) = error.internal_cause() {
        return Error::internal(cause.to_string());
    }
    let protocol = Protocol::RestJson;
    let (status, code) = (error.status(&SERVICE, protocol), error.code(&SERVICE, protocol));
    Error::new(status, code, error.message())
}
