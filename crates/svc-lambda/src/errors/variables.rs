//! Errors of environment variables that are kept under a key of KMS.

use super::invalid_parameter;
use wire::Error;
use wire_lambda as w;

/// From users' reports. `step` is what Lambda asked KMS for.
pub fn variables_not_sealed(error: &seams::Error, step: &str) -> Error {
    not_sealed(error, step, "environment variables")
}

fn not_sealed(error: &seams::Error, step: &str, what: &str) -> Error {
    if error.is_internal() {
        return crate::from_seam(error.clone());
    }
    let (code, message) = (&error.code, &error.message);
    let problem = match &**code {
        "AccessDeniedException" => "the KMS key access was denied".to_string(),
        _ => format!("the KMS key is invalid for {step}"),
    };
    invalid_parameter(format!(
        "Lambda was unable to configure access to your {what} because {problem}. Please check your KMS \
         key settings. KMS Exception: {code} KMS Message: {message}"
    ))
}

/// From users' reports: what stands in an answer instead of the variables.
pub fn variables_not_shown(error: &seams::Error) -> wire_lambda::EnvironmentError {
    let (code, message) = (&error.code, &error.message);
    let problem = match &**code {
        "AccessDeniedException" => "the KMS access was denied. Please check your KMS permissions",
        _ => "of a problem with the KMS key. Please check your KMS key settings",
    };
    wire_lambda::EnvironmentError {
        error_code: Some(code.to_string()),
        message: Some(format!(
            "Lambda was unable to decrypt your environment variables because {problem}. KMS Exception: {code} KMS \
             Message: {message}"
        )),
    }
}

/// From users' reports: an invocation whose environment needs variables that its role cannot decrypt.
pub fn variables_not_opened(error: &seams::Error) -> Error {
    not_opened(error, "the environment variables")
}

/// The text is that of variables.
pub fn package_not_opened(error: &seams::Error) -> Error {
    not_opened(error, "the deployment package")
}

/// The text is that of variables.
pub fn package_not_sealed(error: &seams::Error) -> Error {
    not_sealed(error, "GenerateDataKey", "deployment package")
}

fn not_opened(error: &seams::Error, what: &str) -> Error {
    let text = |problem: &str| {
        Some(format!(
            "Lambda was unable to decrypt {what} because {problem}. Please check the function's KMS \
             key settings. KMS Exception: {} KMS Message: {}",
            error.code, error.message
        ))
    };
    let r#type = Some("User".to_string());
    match &*error.code {
        "DisabledException" => {
            let message = text("the KMS key used is disabled");
            w::KMSDisabledException { r#type, message }.into()
        }
        "KMSInvalidStateException" => {
            let message = text("the KMS key used is not in a valid state for Decrypt");
            w::KMSInvalidStateException { r#type, message }.into()
        }
        "NotFoundException" => {
            w::KMSNotFoundException { r#type, message: text("the KMS key was not found") }.into()
        }
        _ if error.is_internal() => crate::from_seam(error.clone()),
        _ => w::KMSAccessDeniedException { r#type, message: text("KMS access was denied") }.into(),
    }
}
