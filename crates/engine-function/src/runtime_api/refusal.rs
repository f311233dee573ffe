//! Why the Runtime API refuses a request, in AWS's words.

use super::RESPONSE_BYTES_MAX;
use super::extensions::{EXTENSIONS_MAX, ExtensionState};
use super::telemetry::Api;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The path names another invocation than the one under way.
    InvalidRequestId,
    /// The deadline of the invocation has passed, which its worker learns now.
    InvokeTimeout,
    /// The call does not fit what went before.
    InvalidStateTransition { from: RuntimeState, to: RuntimeState },
    /// The body exceeds [`RESPONSE_BYTES_MAX`].
    RequestEntityTooLarge,
    /// The header that says how the answer comes has a value that it can not have.
    InvalidFunctionResponseMode,
    /// The body ended early.
    TruncatedHttpRequest,
    /// A request of an extension without `Lambda-Extension-Identifier`.
    MissingExtensionIdentifier,
    /// The header is no identifier.
    InvalidExtensionIdentifier,
    /// Nobody has registered under this identifier.
    UnknownExtension(String),
    /// No `Lambda-Extension-Name`.
    InvalidExtensionName,
    /// The body is not what it should be.
    InvalidRequestFormat(String),
    /// An event that an extension cannot register for.
    InvalidEventType { event: String, reason: &'static str },
    /// An extension of this name has registered.
    ExtensionNameTaken,
    /// [`EXTENSIONS_MAX`] have registered.
    TooManyExtensions,
    /// The initialization of the runtime is over.
    RegistrationClosed,
    /// The call does not fit what the extension did before.
    InvalidExtensionState { from: ExtensionState, to: ExtensionState, extension: String },
    /// No `Lambda-Extension-Function-Error-Type`.
    MissingHeader,
    /// The initialization is over, so nobody subscribes to telemetry any more.
    SubscriptionClosed(Api),
    /// A part of the API that this engine does not have.
    NotImplemented,
}

impl Refusal {
    /// Status and JSON body. seen: AWS's runtime interface emulator, which shares its server with Lambda.
    pub(crate) fn render(&self) -> (u16, String) {
        let (status, error_type, message) = match self {
            Self::InvalidRequestId => (400, "InvalidRequestID", "Invalid request ID".to_owned()),
            Self::InvokeTimeout => (410, "InvokeTimeout", "Invoke timeout".to_owned()),
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
            Self::MissingExtensionIdentifier
            | Self::InvalidExtensionIdentifier
            | Self::UnknownExtension(_)
            | Self::InvalidExtensionName
            | Self::InvalidRequestFormat(_)
            | Self::InvalidEventType { .. }
            | Self::ExtensionNameTaken
            | Self::TooManyExtensions
            | Self::RegistrationClosed
            | Self::InvalidExtensionState { .. }
            | Self::MissingHeader
            | Self::SubscriptionClosed(_) => {
                let (error_type, message) = self.of_extension();
                (403, error_type, message)
            }
            Self::NotImplemented => {
                (501, "NotImplemented", "This API is not available here yet.".to_owned())
            }
        };
        let message = serde_json::Value::String(message);
        let body = format!("{{\"errorMessage\":{message},\"errorType\":\"{error_type}\"}}\n");
        (status, body)
    }

    /// Type and message of what only extensions are told; all of it is 403.
    fn of_extension(&self) -> (&'static str, String) {
        match self {
            Self::MissingExtensionIdentifier => (
                "Extension.MissingExtensionIdentifier",
                "Missing Lambda-Extension-Identifier header".to_owned(),
            ),
            Self::InvalidExtensionIdentifier => (
                "Extension.InvalidExtensionIdentifier",
                "Invalid Lambda-Extension-Identifier".to_owned(),
            ),
            Self::UnknownExtension(id) => {
                ("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}"))
            }
            Self::InvalidExtensionName => {
                ("Extension.InvalidExtensionName", "Empty extension name".to_owned())
            }
            Self::InvalidRequestFormat(reason) => ("InvalidRequestFormat", reason.clone()),
            Self::InvalidEventType { event, reason } => {
                ("Extension.InvalidEventType", format!("{event}: {reason}"))
            }
            Self::ExtensionNameTaken => (
                "Extension.InvalidExtensionState",
                "Extension with this name already registered".to_owned(),
            ),
            Self::TooManyExtensions => (
                "Extension.TooManyExtensions",
                format!("Extension limit ({EXTENSIONS_MAX}) reached"),
            ),
            Self::SubscriptionClosed(Api::Telemetry) => (
                "Telemetry.SubscriptionClosed",
                "Telemetry API subscription is closed already".to_owned(),
            ),
            Self::SubscriptionClosed(Api::Logs) => {
                ("Logs.SubscriptionClosed", "Logs API subscription is closed already".to_owned())
            }
            Self::RegistrationClosed => {
                ("Extension.RegistrationClosed", "Extension registration closed already".to_owned())
            }
            Self::InvalidExtensionState { from, to, extension } => {
                let (from, to) = (from.name(), to.name());
                let message = format!(
                    "State transition from {from} to {to} failed for extension {extension}. Error: State \
                     transition is not allowed"
                );
                ("Extension.InvalidExtensionState", message)
            }
            _ => (
                "Extension.MissingHeader",
                "Lambda-Extension-Function-Error-Type not found".to_owned(),
            ),
        }
    }
}
