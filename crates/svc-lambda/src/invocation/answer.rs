//! What is answered: by the runtime, or by the platform in its place.

use super::{Execution, timeout};
use crate::model::report::Status;
use crate::resolve::Target;
use crate::{Lambda, limits};
use base::{RequestId, Time};
use bytes::Bytes;
use engine::{ExitStatus, ExtensionFailure, Outcome};
use serde_json::json;
use std::time::Duration;

/// What the runtime answered, or what the platform answers in its place.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) payload: Bytes,
    pub(super) status: Status,
    /// What stands in the log in plain text, if the platform answers.
    pub(super) line: Option<String>,
}

/// What is answered for an environment that ended.
pub(super) fn ended_early(
    lambda: &Lambda,
    target: &Target,
    id: RequestId,
    outcome: Outcome,
) -> Answer {
    match outcome {
        Outcome::TimedOut => timed_out(id, timeout(target), lambda.deps.clock.now()),
        Outcome::Exited(status) => exited(id, status),
        Outcome::ExtensionFailed(failure) => extension_failed(id, &failure),
        Outcome::Response(_)
        | Outcome::Error { .. }
        | Outcome::ResponseTooLarge { .. }
        | Outcome::Streamed { .. } => {
            unreachable!("answers of a runtime that lives")
        }
    }
}

pub(super) fn execution(target: &Target, answer: Answer, log_tail: String) -> Execution {
    Execution {
        version: target.version.clone(),
        payload: answer.payload,
        error_type: error_type(&answer.status),
        broken: matches!(answer.status, Status::Failure(_) | Status::Timeout),
        log_tail,
    }
}

fn error_type(status: &Status) -> Option<String> {
    match status {
        Status::Success => None,
        Status::Error(kind) | Status::Failure(kind) => Some(kind.clone()),
        Status::Timeout => Some(TIMED_OUT.to_string()),
    }
}

fn error_document(error_type: &str, message: &str) -> Bytes {
    json!({ "errorType": error_type, "errorMessage": message }).to_string().into()
}

/// Recorded.
const TIMED_OUT: &str = "Sandbox.Timedout";

/// Recorded.
pub(super) fn timed_out(request_id: RequestId, timeout: Duration, now: Time) -> Answer {
    let what = format!("Task timed out after {:.2} seconds", timeout.as_secs_f64());
    let message = format!("RequestId: {request_id} Error: {what}");
    Answer {
        payload: error_document(TIMED_OUT, &message),
        status: Status::Timeout,
        line: Some(format!("{now} {request_id} {what}\n\n")),
    }
}

/// Recorded, but for the text of signals and the type of memory exhaustion, which are from the documentation.
/// <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>
pub(super) fn exited(request_id: RequestId, status: ExitStatus) -> Answer {
    let what = match status {
        ExitStatus { signal: Some(signal), .. } => {
            format!("Runtime exited with error: signal: {}", signal_name(signal))
        }
        ExitStatus { code: Some(code), .. } if code != 0 => {
            format!("Runtime exited with error: exit status {code}")
        }
        _ => "Runtime exited without providing a reason".to_string(),
    };
    let kind = if status.out_of_memory { "Runtime.OutOfMemory" } else { "Runtime.ExitError" };
    let message = format!("RequestId: {request_id} Error: {what}");
    Answer {
        payload: error_document(kind, &message),
        status: Status::Failure(kind.to_string()),
        line: Some(format!("{message}\nRuntime.ExitError\n")),
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html#runtimes-extensions-api-error>
pub(super) fn extension_failed(request_id: RequestId, failure: &ExtensionFailure) -> Answer {
    told(request_id, &failure.error_type, &failure.cause)
}

/// The error type of a program that cannot be executed.
pub(crate) const INVALID_ENTRYPOINT: &str = "Runtime.InvalidEntrypoint";

/// <https://github.com/aws/aws-lambda-go/issues/554>
pub(super) fn not_executed(request_id: RequestId, cause: &str) -> Answer {
    told(request_id, INVALID_ENTRYPOINT, cause)
}

fn told(request_id: RequestId, error_type: &str, cause: &str) -> Answer {
    let message = format!("RequestId: {request_id} Error: {cause}");
    Answer {
        payload: error_document(error_type, &message),
        status: Status::Failure(error_type.to_string()),
        line: Some(format!("{message}\n{error_type}\n")),
    }
}

/// As Go prints signals, in which Lambda's own supervisor is written.
fn signal_name(signal: i32) -> String {
    match signal {
        1 => "hangup".to_string(),
        2 => "interrupt".to_string(),
        3 => "quit".to_string(),
        4 => "illegal instruction".to_string(),
        6 => "aborted".to_string(),
        7 => "bus error".to_string(),
        8 => "floating point exception".to_string(),
        9 => "killed".to_string(),
        11 => "segmentation fault".to_string(),
        13 => "broken pipe".to_string(),
        15 => "terminated".to_string(),
        other => format!("signal {other}"),
    }
}

/// Recorded, but for the limit of streamed answers.
pub(super) fn response_too_large(bytes: u64) -> Answer {
    let streamed = bytes > limits::STREAMED_BYTES_MAX;
    let max =
        if streamed { limits::STREAMED_BYTES_MAX } else { limits::RESPONSE_BYTES_MAX_TOLD as u64 };
    let message =
        format!("Response payload size exceeded maximum allowed payload size ({max} bytes).");
    let kind = "Function.ResponseSizeTooLarge";
    Answer {
        payload: error_document(kind, &message),
        status: Status::Failure(kind.to_string()),
        line: None,
    }
}
