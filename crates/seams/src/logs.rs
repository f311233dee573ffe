//! Where output of functions, tasks and machines goes.

use crate::{CallCx, Error};
use base::{BoxFut, Time};

/// One log event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// When it happened.
    pub timestamp: Time,
    /// Its text; at most 1 MiB, longer ones are cut.
    pub message: String,
}

/// Writes log events. Offered by CloudWatch Logs.
pub trait LogSink: Send + Sync {
    /// Appends `events` to a stream, making the group and the stream where they are missing. The caller of `cx` needs
    /// `logs:PutLogEvents` on the stream, and `logs:CreateLogGroup` and `logs:CreateLogStream` where those are made:
    /// otherwise `AccessDenied` (403), and nothing is kept.
    fn append<'a>(
        &'a self,
        cx: &'a CallCx,
        log_group: &'a str,
        log_stream: &'a str,
        events: Vec<LogEvent>,
    ) -> BoxFut<'a, Result<(), Error>>;
}
