//! What is said about code signing and runtime management.

use super::{conflict, invalid_parameter, not_found};
use wire::Error;
use wire_lambda as w;

/// docs: what clients report
pub fn config_missing(arn: &str) -> Error {
    not_found(format!("The Lambda code signing configuration {arn} can not be found."))
}

/// docs: what clients report
pub fn function_config_missing(arn: &str) -> Error {
    w::CodeSigningConfigNotFoundException {
        r#type: Some("User".into()),
        message: Some(format!(
            "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
        )),
    }
    .into()
}

/// docs: <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteCodeSigningConfig.html>; the text is a guess
pub fn config_in_use(arn: &str) -> Error {
    conflict(format!(
        "The code signing configuration {arn} is used by functions and cannot be deleted."
    ))
}

/// docs: what clients report
pub fn unsigned(function: &str) -> Error {
    w::CodeVerificationFailedException {
        r#type: Some("User".into()),
        message: Some(format!(
            "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client \
             is not configured to accept. Check the provided signature for {function}."
        )),
    }
    .into()
}

/// guess
pub fn runtime_version_missing() -> Error {
    invalid_parameter("RuntimeVersionArn is required when UpdateRuntimeOn is Manual.")
}

/// guess
pub fn runtime_version_unexpected() -> Error {
    invalid_parameter("RuntimeVersionArn can only be given when UpdateRuntimeOn is Manual.")
}

/// The one version of each runtime is what this host has. guess
pub fn runtime_version_unknown(arn: &str, current: &str) -> Error {
    invalid_parameter(format!(
        "The runtime version {arn} is not available. The version of this function's runtime is {current}."
    ))
}
