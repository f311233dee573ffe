//! Why the Runtime API refuses a request, in AWS's words.

use super::RESPONSE_BYTES_MAX;

/// The states of a runtime as AWS's messages name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RuntimeState {
    Started,
    InitError,
    Ready,
    InvocationResponse,
    InvocationErrorResponse,
    ResponseSent,
}

impl RuntimeState {
    fn name(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::InitError => "InitError",
            Self::Ready => "Ready",
            Self::InvocationResponse => "InvocationResponse",
            Self::InvocationErrorResponse => "InvocationErrorResponse",
            Self::ResponseSent => "ResponseSent",
        }
    }
}

/// A request that is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The path names another invocation than the one under way.
    InvalidRequestId,
    /// The call does not fit what went before.
    InvalidStateTransition { from: RuntimeState, to: RuntimeState },
    /// The body exceeds [`RESPONSE_BYTES_MAX`].
    RequestEntityTooLarge,
    /// The header that says how the answer comes has a value that it can not have.
    InvalidFunctionResponseMode,
    /// The body ended early.
    TruncatedHttpRequest,
    /// A part of the API that this engine does not have.
    NotImplemented,
}

impl Refusal {
    /// Status and JSON body. seen: AWS's runtime interface emulator, which shares its server with Lambda.
    pub(crate) fn render(self) -> (u16, String) {
        let (status, error_type, message) = match self {
            Self::InvalidRequestId => (400, "InvalidRequestID", "Invalid request ID".to_owned()),
            Self::InvalidStateTransition { from, to } => {
                let (from, to) = (from.name(), to.name());
                let message = format!(
                    "State transition from {from} to {to} failed for runtime. Error: State transition is not allowed"
                );
                (403, "InvalidStateTransition", message)
            }
            Self::RequestEntityTooLarge => {
                let message =
                    format!("Exceeded maximum allowed payload size ({RESPONSE_BYTES_MAX} bytes).");
                (413, "RequestEntityTooLarge", message)
            }
            Self::InvalidFunctionResponseMode => {
                let message = "Invalid function response mode".to_owned();
                (400, "InvalidFunctionResponseMode", message)
            }
            Self::TruncatedHttpRequest => {
                (400, "TruncatedHTTPRequest", "HTTP request detected as truncated".to_owned())
            }
            Self::NotImplemented => {
                (501, "NotImplemented", "This API is not available here yet.".to_owned())
            }
        };
        let body = format!("{{\"errorMessage\":\"{message}\",\"errorType\":\"{error_type}\"}}\n");
        (status, body)
    }
}
