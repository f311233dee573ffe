//! The errors of durable executions, with AWS's texts.
//!
//! `seen` stands where clients report the text; `library` where the official testing library, which imitates the
//! service, has it: <https://github.com/aws/aws-durable-execution-sdk-python-testing>; `guess` otherwise.

use crate::errors::{invalid_parameter, not_found};
use crate::limits;
use wire::Error;
use wire_lambda as w;

macro_rules! invalid {
    ($($(#[$doc:meta])* $function:ident $text:literal;)*) => {$(
        $(#[$doc])*
        pub fn $function() -> Error {
            invalid_parameter($text)
        }
    )*};
}

invalid! {
    /// seen
    unqualified "You cannot invoke a durable function using an unqualified ARN.";
    /// seen
    synchronous_too_long "You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes.";
    /// seen
    execution_timeout_missing "You cannot create a function with a durable configuration without an executionTimeout";
    /// guess
    not_durable "You cannot specify a durable execution name for a function without a durable configuration.";
    /// guess; that it is so: <https://docs.aws.amazon.com/lambda/latest/dg/durable-configuration.html>
    durable_only_at_creation "You cannot add a durable configuration to an existing function.";
    /// library
    checkpoint_token "Invalid checkpoint token";
    /// seen
    marker "Invalid Marker";
    /// seen
    several_statuses "Cannot filter by more than one status";
    /// guess
    callback_id "Invalid callback ID";
    /// guess
    callback_result_no_text "The callback result could not be decoded as UTF-8.";
    /// library
    several_executions "Cannot checkpoint multiple EXECUTION updates.";
    /// library
    execution_not_last "EXECUTION checkpoint must be the last update.";
    /// library
    several_of_one "Cannot checkpoint multiple operations with the same ID.";
    /// library
    parent "Invalid parent operation id.";
    /// library
    other_type "Inconsistent operation type.";
    /// library
    other_sub_type "Inconsistent operation subtype.";
    /// library
    other_name "Inconsistent operation name.";
    /// library
    other_parent "Inconsistent parent operation id.";
    /// library
    action "Invalid action for the given operation type.";
    /// library
    step_start "Invalid current STEP state to start.";
    /// library
    step_close "Invalid current STEP state to close.";
    /// library
    step_retry "Invalid current STEP state to re-attempt.";
    /// library
    step_options "Invalid StepOptions for the given action.";
    /// library
    step_retry_both "Cannot provide both error and payload to RETRY a STEP.";
    /// library
    context_start "Cannot start a CONTEXT that already exist.";
    /// library
    context_close "Invalid current CONTEXT state to close.";
    /// library
    wait_start "Cannot start a WAIT that already exist.";
    /// library
    wait_cancel "Cannot cancel a WAIT that does not exist or has already completed.";
    /// guess
    wait_options "Invalid WaitOptions for the given action.";
    /// library
    callback_start "Cannot start a CALLBACK that already exist.";
    /// library
    chained_start "Cannot start a CHAINED_INVOKE operation that already exists.";
    /// library
    chained_options "Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.";
    /// library
    chained_account "Cannot start a CHAINED_INVOKE on a function in another account.";
    /// library
    chained_region "Cannot start a CHAINED_INVOKE on a function in another region.";
    /// library
    payload_of_failure "Cannot provide a Payload for FAIL action.";
    /// library
    error_of_success "Cannot provide an Error for SUCCEED action.";
}

/// library
pub fn execution_not_found() -> Error {
    not_found("Durable Execution does not exist")
}

/// docs: `DurableExecutionAlreadyStartedException`
pub fn already_started(name: &str) -> Error {
    w::DurableExecutionAlreadyStartedException {
        r#type: Some("User".into()),
        message: Some(format!(
            "The durable execution with the name {name} has already been started with another payload."
        )),
    }
    .into()
}

/// docs: `CallbackTimeoutException`
pub fn callback_closed() -> Error {
    w::CallbackTimeoutException {
        r#type: Some("User".into()),
        message: Some(
            "The callback ID token has either expired or the callback associated with the token has already been \
             closed."
                .into(),
        ),
    }
    .into()
}

/// library
pub fn error_too_large() -> Error {
    let max = limits::DURABLE_ERROR_BYTES_MAX;
    invalid_parameter(format!("Error object size must be less than {max} bytes."))
}

/// library, for chained invokes and executions
pub fn payload_too_large(kind: &str, direction: &str, max: usize) -> Error {
    invalid_parameter(format!(
        "{kind} {direction} payload size must be less than or equal to {max} bytes."
    ))
}

/// guess
pub fn too_many_operations() -> Error {
    let max = limits::DURABLE_OPERATIONS_MAX;
    invalid_parameter(format!("A durable execution cannot have more than {max} operations."))
}

/// guess
pub fn too_much_data() -> Error {
    let max = limits::DURABLE_STORED_BYTES_MAX;
    invalid_parameter(format!("A durable execution cannot store more than {max} bytes."))
}

/// guess
pub fn history_too_long() -> Error {
    let max = limits::DURABLE_EVENTS_MAX;
    invalid_parameter(format!("The history of a durable execution cannot exceed {max} events."))
}
