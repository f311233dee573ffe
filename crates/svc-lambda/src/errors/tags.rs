//! What is said about tags, beside what the generated validation says of their text.

use super::invalid_parameter;
use wire::Error;
use wire_lambda as w;

/// recorded
pub fn tags_on_functions_only() -> Error {
    invalid_parameter(
        "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    )
}

/// recorded
pub fn tags_missing() -> Error {
    invalid_parameter("An error occurred and the request cannot be processed.")
}

/// What stands in the answer of `GetFunction` in place of tags. guess: the model has the form of both, the texts are those
/// of the denial
pub fn tags_denied(message: String) -> w::TagsError {
    w::TagsError { error_code: "AccessDeniedException".into(), message }
}

/// guess: what other services say
pub fn tag_of_aws() -> Error {
    invalid_parameter("aws: prefixed tag key names are not allowed for external use.")
}

/// docs: what clients report
pub fn tags_too_many() -> Error {
    invalid_parameter("Number of tags exceeds resource tag limit.")
}
