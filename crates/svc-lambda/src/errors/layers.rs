//! What is said about layers.

use super::{invalid_parameter, not_found, precondition_failed};
use crate::limits;
use crate::model::runtime::{LISTABLE, SUPPORTED};
use base::Region;
use wire::Error;

/// recorded
pub fn version_below_one() -> Error {
    invalid_parameter("Layer Version Cannot be less than 1")
}

/// recorded
pub fn missing() -> Error {
    not_found("The resource you requested does not exist.")
}

/// docs: what clients report of permissions
pub fn version_missing(arn: &str) -> Error {
    not_found(format!("Layer version {arn} does not exist."))
}

/// recorded, of layers that a function names
pub fn unusable(arn: &str) -> Error {
    invalid_parameter(format!("Layer version {arn} does not exist."))
}

/// recorded
pub fn too_many() -> Error {
    invalid_parameter(format!("Cannot reference more than {} layers.", limits::LAYERS_MAX))
}

/// recorded
pub fn in_other_region(here: &Region) -> Error {
    invalid_parameter(format!(
        "Layers are not in the same region as the function. Layers are expected to be in region {here}."
    ))
}

/// recorded
pub fn same_twice(first: &str, second: &str) -> Error {
    invalid_parameter(format!(
        "Two different versions of the same layer are not allowed to be referenced in the same function. {first} and \
         {second} are versions of the same layer."
    ))
}

/// docs: what clients report
pub fn too_large_together(bytes: u64) -> Error {
    invalid_parameter(format!(
        "Function code combined with layers exceeds the maximum allowed size of {} bytes. The actual size is {bytes} \
         bytes.",
        limits::UNZIPPED_BYTES_MAX
    ))
}

/// recorded
pub fn runtimes_unknown(names: &[String]) -> Error {
    let (names, all) = (names.join(", "), SUPPORTED.join(", "));
    Error::validation(format!(
        "1 validation error detected: Value '[{names}]' at 'compatibleRuntimes' failed to satisfy constraint: Member \
         must satisfy enum value set: [{all}]"
    ))
}

/// recorded
pub fn listed_runtime_unknown(name: &str) -> Error {
    let all = LISTABLE.join(", ");
    Error::validation(format!(
        "1 validation error detected: Value '{name}' at 'compatibleRuntime' failed to satisfy constraint: Member must \
         satisfy enum value set: [{all}]"
    ))
}

/// docs: what clients report
pub fn policy_not_found() -> Error {
    not_found("No policy is associated with the given resource.")
}

/// docs: what clients report
pub fn policy_revision_mismatch() -> Error {
    precondition_failed(
        "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the \
         latest Revision Id",
    )
}

/// guess
pub fn content_missing() -> Error {
    invalid_parameter("Please provide a source for layer content.")
}
