//! AWS's faults with AWS's texts.

use wire::{Common, Error};
use wire_sts::{MalformedPolicyDocumentException, PackedPolicyTooLargeException};

/// From a seam: a denial stays one, anything else is internal.
pub fn from_seam(error: seams::Error) -> Error {
    if error.status == 403 { Error::access_denied(error.message) } else { Error::internal(error) }
}

/// Recorded.
pub fn invalid_role_arn(arn: &str) -> Error {
    Error::validation(format!("{arn} is invalid"))
}

/// Recorded.
pub fn duplicate_tag_keys() -> Error {
    invalid_parameter_value(
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )
}

/// Recorded.
pub fn transitive_tag_key_missing() -> Error {
    invalid_parameter_value(
        "The specified transitive tag key must be included in the requested tags.",
    )
}

/// Recorded.
pub fn transitive_tag_key_taken() -> Error {
    invalid_parameter_value(
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from \
         the calling session.",
    )
}

fn invalid_parameter_value(message: &str) -> Error {
    Error::other(400, "InvalidParameterValue", message)
}

/// A role session made by a role session lasts an hour at most.
pub fn chained_session_too_long() -> Error {
    Error::validation(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    )
}

/// The role's own limit.
pub fn session_too_long() -> Error {
    Error::validation(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
}

/// A session policy's document is refused.
pub fn malformed_policy_document(error: policy::Malformed) -> Error {
    MalformedPolicyDocumentException { message: Some(error.0) }.into()
}

/// No such managed policy to limit a session by.
pub fn no_such_session_policy(arn: &str) -> Error {
    MalformedPolicyDocumentException { message: Some(format!("Policy {arn} does not exist.")) }
        .into()
}

/// Session policies beyond their limit, in percent.
pub fn packed_policy_too_large(percent: usize) -> Error {
    let message = format!("Packed size of session policy consumes {percent}% of allotted space.");
    PackedPolicyTooLargeException { message: Some(message) }.into()
}

/// More managed policies than a session can be limited by.
pub fn too_many_policy_arns(max: usize) -> Error {
    Error::validation(format!("The number of policyArns must not exceed {max}."))
}

/// Sessions cannot make sessions of users.
pub fn session_credentials(operation: &str) -> Error {
    Error::access_denied(format!("Cannot call {operation} with session credentials"))
}

/// Devices for multi-factor authentication do not exist here.
pub fn mfa_not_implemented() -> Error {
    Error::common(Common::NotImplemented, "Multi-factor authentication is not implemented.")
}

/// An access key that is none of this cloud's.
pub fn invalid_access_key(access_key_id: &str) -> Error {
    Error::validation(format!("Access key {access_key_id} is not valid."))
}
