//! Errors of concurrency: reserved, provisioned, and what is throttled.

use super::{conflict, invalid_parameter};
use crate::limits;
use wire::Error;
use wire_lambda as w;

/// recorded, without a type
pub fn unreserved_too_low(min: u32) -> Error {
    w::InvalidParameterValueException {
        r#type: None,
        message: Some(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
             below its minimum value of [{min}]."
        )),
    }
    .into()
}

/// docs: what clients report; the double space and the one in front are AWS's
pub fn reserved_below_provisioned(reserved: u32, provisioned: u32) -> Error {
    invalid_parameter(format!(
        " ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned concurrency \
         [{provisioned}]."
    ))
}

/// docs: what clients report
pub fn provisioned_above_reserved() -> Error {
    invalid_parameter(
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
    )
}

/// recorded, without a type
pub fn provisioned_above_unreserved(unreserved: u32) -> Error {
    w::InvalidParameterValueException {
        r#type: None,
        message: Some(format!(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency \
             [{unreserved}]."
        )),
    }
    .into()
}

/// recorded, without a type
pub fn provisioned_leaves_too_little(min: u32) -> Error {
    w::InvalidParameterValueException {
        r#type: None,
        message: Some(format!(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [{min}]."
        )),
    }
    .into()
}

/// recorded
pub fn provisioned_on_latest() -> Error {
    invalid_parameter(
        "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
    )
}

/// recorded
pub fn provisioned_resource() -> Error {
    invalid_parameter("The function resource provided must be an alias or a published version.")
}

/// recorded
pub fn provisioned_not_found() -> Error {
    w::ProvisionedConcurrencyConfigNotFoundException {
        r#type: Some("User".into()),
        message: Some("No Provisioned Concurrency Config found for this function".into()),
    }
    .into()
}

/// docs: what clients report
pub fn provisioned_weighted_alias() -> Error {
    invalid_parameter("Alias with weights can not be used with Provisioned Concurrency")
}

/// docs: what clients report
pub fn provisioned_version_taken() -> Error {
    conflict(
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    )
}

/// docs: what clients report
pub fn provisioned_alias_taken() -> Error {
    conflict("Version is pointed by a Provisioned Concurrency alias")
}

/// recorded
pub fn throttled(reason: w::ThrottleReason) -> Error {
    too_many_requests("Rate Exceeded.", reason)
}

/// docs: what clients report; without a full stop where it is the caller's rate
pub fn caller_throttled() -> Error {
    too_many_requests("Rate exceeded", w::ThrottleReason::CallerRateLimitExceeded)
}

/// This host is full: not AWS's text, but a code after which clients try again.
pub fn host_full(what: &str) -> Error {
    let message = format!("This host has no {what} for another execution environment now.");
    too_many_requests(&message, w::ThrottleReason::ConcurrentInvocationLimitExceeded)
}

fn too_many_requests(message: &str, reason: w::ThrottleReason) -> Error {
    // Recorded: a function's own limit says nothing of when to try again.
    let silent = reason == w::ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
    w::TooManyRequestsException {
        retry_after_seconds: (!silent).then(|| limits::RETRY_AFTER_S.to_string()),
        r#type: Some("User".into()),
        message: Some(message.to_string()),
        reason: Some(reason),
    }
    .into()
}
