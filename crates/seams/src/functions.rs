//! Functions, as services run them on behalf of their resources. Offered by Lambda.

use crate::{CallCx, Error};
use base::{Arn, BoxFut};

/// What a service wants of a function.
#[derive(Clone, Debug)]
pub struct FunctionCall<'a> {
    /// `arn:aws:lambda:…:function:name`, with a version or alias where one is meant.
    pub function: &'a Arn,
    /// The event: a JSON document.
    pub payload: Vec<u8>,
    /// `lambda:EventSourceToken`: what the function's owner agreed on with the source, where there is such a thing.
    pub event_source_token: Option<&'a str>,
}

impl<'a> FunctionCall<'a> {
    /// Without a token.
    pub fn new(function: &'a Arn, payload: impl Into<Vec<u8>>) -> Self {
        FunctionCall { function, payload: payload.into(), event_source_token: None }
    }
}

/// What a function answered to who waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionAnswer {
    /// The version that ran.
    pub version: String,
    /// A JSON document: the function's answer or, if it failed, its error.
    pub payload: Vec<u8>,
    /// `Unhandled` if the function failed.
    pub function_error: Option<String>,
}

/// Invokes functions. The caller of `cx` is a service ([`crate::Caller::service`] in the account of the source) that acts
/// on behalf of `cx.source_arn`: S3 for a bucket, Logs for a log group. The function's own policy alone decides, every time,
/// and sees `aws:SourceArn`, `aws:SourceAccount`, `aws:PrincipalServiceName` and `lambda:EventSourceToken`; a function
/// without a policy refuses. Where a role is to decide instead, its session is the caller.
///
/// Errors are those of `Invoke`: `AccessDeniedException` (403), `ResourceNotFoundException` (404),
/// `RequestTooLargeException` (413), `TooManyRequestsException` (429), `RecursiveInvocationException` (400).
pub trait FunctionInvoker: Send + Sync {
    /// Ok if the function is there and the caller may invoke it; nothing runs.
    fn check<'a>(&'a self, cx: &'a CallCx, function: &'a Arn) -> BoxFut<'a, Result<(), Error>>;

    /// Ok once the event is on disk; the function runs later and is tried again as asynchronous invocations are.
    fn send<'a>(&'a self, cx: &'a CallCx, call: FunctionCall<'a>) -> BoxFut<'a, Result<(), Error>>;

    /// Runs the function and waits for its answer.
    fn invoke<'a>(
        &'a self,
        cx: &'a CallCx,
        call: FunctionCall<'a>,
    ) -> BoxFut<'a, Result<FunctionAnswer, Error>>;

    /// The log group that the function writes to, if there is such a function. Checks no permission: it is for who must not
    /// feed a function with what that function wrote.
    fn log_group<'a>(&'a self, function: &'a Arn) -> BoxFut<'a, Result<Option<String>, Error>>;
}
