//! What was called: offered by CloudTrail, used by the front end and where services call each other.

use crate::CallCx;

/// A call that ended.
#[derive(Clone, Debug, Default)]
pub struct AuditedCall {
    /// The host name of the service: `lambda.amazonaws.com`.
    pub event_source: String,
    /// The operation.
    pub event_name: &'static str,
    /// The version of the service's API.
    pub api_version: &'static str,
    /// The input as a JSON object, without secrets; none if it was not read.
    pub parameters: Option<String>,
    /// The answer likewise; none if the call failed or there was none.
    pub answer: Option<String>,
    /// Code and message of the answer, if it was an error.
    pub error: Option<(String, String)>,
    /// Why the call, or one that it caused, was denied, if it was: the JSON text of [`crate::Authorizer::explanation`].
    pub explanation: Option<String>,
    /// The host name of the service that made the call for the caller: Lambda, which seals a user's variables. None where
    /// the caller made it.
    pub through: Option<String>,
}

/// Keeps a record of calls.
pub trait Audit: Send + Sync {
    /// Whether the operation works on data rather than on resources: such calls are recorded only if they are denied.
    fn is_data(&self, event_source: &str, event_name: &str) -> bool;

    /// Takes the call in; whoever asks is not kept waiting.
    fn record(&self, cx: &CallCx, call: AuditedCall);
}
