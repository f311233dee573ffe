//! The environment variables that a function's configuration may name.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use crate::{Result, errors, limits};
use std::collections::BTreeMap;

/// Names that the configuration must not set, because Lambda does.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// The one name that a sealed set of variables has: its value is the ciphertext in base64. No caller can give this name,
/// for names hold no colon.
pub const SEALED: &str = "kms:ciphertext";

/// Ok if Lambda takes `variables`; otherwise the error that AWS answers.
pub fn check(variables: &BTreeMap<String, String>) -> Result<()> {
    let reserved: Vec<&str> =
        variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(errors::environment_reserved(&reserved));
    }
    let name_fits = |name: &str| {
        name.len() >= 2
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    if let Some(name) = variables.keys().find(|name| !name_fits(name)) {
        return Err(errors::environment_name(name));
    }
    // AWS measures the variables as the JSON object that its error shows (recorded).
    let measured = serde_json::to_string(variables).expect("a map of texts is JSON");
    if measured.len() > limits::ENVIRONMENT_BYTES_MAX {
        return Err(errors::environment_too_large(&measured));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_string(), value.to_string())])
    }

    #[test]
    fn limit_counts_the_json_object() {
        let overhead = r#"{"LARGE":""}"#.len();
        let largest = limits::ENVIRONMENT_BYTES_MAX - overhead;
        assert!(check(&variables("LARGE", &"x".repeat(largest))).is_ok());
        assert!(check(&variables("LARGE", &"x".repeat(largest + 1))).is_err());
    }

    #[test]
    fn names() {
        for good in ["PATH", "AWS_ENDPOINT_URL", "a1", "TZ", "LD_LIBRARY_PATH"] {
            assert!(check(&variables(good, "x")).is_ok(), "{good}");
        }
        for bad in ["AWS_REGION", "_HANDLER", "_x", "1a", "a", "a-b", "", "é1"] {
            assert!(check(&variables(bad, "x")).is_err(), "{bad}");
        }
    }
}
