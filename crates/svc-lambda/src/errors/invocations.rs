//! Errors of invocations and of what becomes of their answers.

use super::{invalid_content, invalid_parameter, not_found, throttled};
use crate::limits;
use wire::Error;
use wire_lambda as w;

/// docs: what clients report
pub fn payload_too_large(bytes: usize, kind: &str, max: usize) -> Error {
    w::RequestTooLargeException {
        r#type: Some("User".into()),
        message: Some(format!(
            "{bytes} byte payload is too large for the {kind} invocation type (limit {max} bytes)"
        )),
    }
    .into()
}

/// recorded
pub fn payload_not_json(what: &str) -> Error {
    invalid_content(format!(
        "Could not parse request body into json: Could not parse payload into json: {what}"
    ))
}

/// docs: what clients report
pub fn client_context_invalid() -> Error {
    invalid_content("Client context must be a valid Base64-encoded JSON object.")
}

/// docs: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
pub fn client_context_too_large() -> Error {
    invalid_content(format!(
        "Client context must be at most {} bytes.",
        limits::CLIENT_CONTEXT_BYTES_MAX
    ))
}

/// Too many asynchronous events wait.
pub fn queue_full() -> Error {
    throttled(w::ThrottleReason::ConcurrentInvocationLimitExceeded)
}

/// guess: <https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation-invoke.html> names the code alone
pub fn tenant_id_required() -> Error {
    invalid_parameter("Add a valid tenant ID in your request and try again.")
}

/// guess: as above
pub fn tenant_id_not_used() -> Error {
    invalid_parameter(
        "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and \
         try again.",
    )
}

/// guess: <https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html> says that it is not supported
pub fn not_with_tenants(what: &str) -> Error {
    invalid_parameter(format!("{what} is not supported for functions with tenant isolation."))
}

/// docs: `RecursiveInvocationException`
pub fn recursive_loop() -> Error {
    w::RecursiveInvocationException {
        r#type: Some("User".into()),
        message: Some(
            "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services \
             resources and stopped your function's invocation."
                .into(),
        ),
    }
    .into()
}

/// docs: `RecursiveInvocationException`
pub fn recursion(hops: u8) -> Error {
    w::RecursiveInvocationException {
        r#type: Some("User".into()),
        message: Some(format!(
            "The invocation was stopped: {hops} functions have called each other."
        )),
    }
    .into()
}

/// A version that could not be created cannot be invoked. docs
pub fn not_invocable(reason: &str) -> Error {
    w::ResourceNotReadyException { r#type: Some("User".into()), message: Some(reason.to_string()) }
        .into()
}

// Asynchronous invocation.

/// recorded
pub fn event_config_function_missing() -> Error {
    not_found("The function doesn't exist.")
}

/// recorded
pub fn event_config_not_found(arn: &str) -> Error {
    not_found(format!("The function {arn} doesn't have an EventInvokeConfig"))
}

/// recorded
pub fn event_config_empty() -> Error {
    invalid_parameter("You must specify at least one of error handling or destination setting.")
}

/// guess: the documentation says that durable functions support no destinations, and no text.
/// <https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html>
pub fn durable_destinations() -> Error {
    invalid_parameter(
        "Durable functions do not support destinations. Configure a dead-letter queue instead.",
    )
}

/// recorded
pub fn destination_self() -> Error {
    invalid_parameter("You can't specify the function as a destination for itself.")
}

/// recorded
pub fn destination_function_missing(arn: &str) -> Error {
    invalid_parameter(format!("The destination ARN {arn} is invalid."))
}

/// recorded
pub fn destination_invalid(on_success: Option<&str>, on_failure: Option<&str>) -> Error {
    let part = |kind: &str, arn: Option<&str>| {
        arn.map_or("null".to_string(), |arn| format!("{kind}(destination={arn})"))
    };
    invalid_parameter(format!(
        "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
        part("OnSuccess", on_success),
        part("OnFailure", on_failure)
    ))
}
