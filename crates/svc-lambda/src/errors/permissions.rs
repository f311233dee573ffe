//! Errors of the resource policies of functions.

use super::{conflict, invalid_parameter, not_found, precondition_failed};
use crate::limits;
use wire::Error;
use wire_lambda as w;

/// docs: what clients report
pub fn url_auth_type_of_other_action() -> Error {
    invalid_parameter("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action")
}

/// guess: the sentence is that of [`url_auth_type_of_other_action`]
pub fn invoked_via_url_of_other_action() -> Error {
    invalid_parameter("InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action")
}

/// recorded
pub fn policy_not_found() -> Error {
    not_found("The resource you requested does not exist.")
}

/// docs: what clients report of `RemovePermission`
pub fn no_policy_to_remove_from() -> Error {
    not_found("No policy is associated with the given resource.")
}

/// As [`no_policy_to_remove_from`], with the function's ARN without a qualifier.
pub fn policy_without_function(arn: &str) -> Error {
    not_found(format!("No policy found for: {arn}"))
}

/// recorded
pub fn policy_revision_mismatch() -> Error {
    precondition_failed(
        "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the \
         latest Revision Id",
    )
}

/// docs: what clients report
pub fn principal_invalid() -> Error {
    invalid_parameter(
        "The provided principal was invalid. Please check the principal and try again.",
    )
}

/// docs: what clients report
pub fn statement_exists(sid: &str) -> Error {
    conflict(format!(
        "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the \
         existing statement."
    ))
}

/// docs: what clients report
pub fn statement_not_found(sid: &str) -> Error {
    not_found(format!("Statement {sid} is not found in resource policy."))
}

/// docs: what clients report
pub fn policy_too_long(bytes: usize) -> Error {
    w::PolicyLengthExceededException {
        r#type: Some("User".into()),
        message: Some(format!(
            "The final policy size ({bytes}) is bigger than the limit ({}).",
            limits::POLICY_BYTES_MAX
        )),
    }
    .into()
}
