//! How a call between services fails.

use std::borrow::Cow;
use std::fmt;

/// A fault as the called service would have answered it over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// AWS's error code, such as `AccessDeniedException`.
    pub code: Cow<'static, str>,
    /// AWS's text.
    pub message: String,
    /// The HTTP status that goes with it: 4xx are the caller's, 5xx the callee's.
    pub status: u16,
}

impl Error {
    /// A fault of the caller or, from 500 on, of the callee.
    pub fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Error { code: code.into(), message: message.into(), status }
    }

    /// Something broke inside the callee; `message` is for the log.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(500, "InternalFailure", message)
    }

    /// Whether the callee is at fault, so that the same call may succeed later.
    pub fn is_internal(&self) -> bool {
        self.status >= 500
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}
