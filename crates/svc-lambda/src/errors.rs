//! The errors of this service, with AWS's exact texts.
//!
//! Each says where its text was seen: `recorded` in answers of AWS, `docs` in its documentation, `guess` nowhere.

use crate::{limits, model::runtime};
use base::Region;
use wire::{Common, Error};
use wire_lambda as w;

pub mod capacity_providers;
pub mod code_signing;
mod concurrency;
pub mod event_source_mappings;
mod invocations;
pub mod layers;
mod permissions;
mod tags;
pub mod targets;
mod variables;

pub use concurrency::*;
pub use invocations::*;
pub use permissions::*;
pub use tags::*;
pub use variables::*;

macro_rules! user_fault {
    ($(#[$doc:meta])* $function:ident $shape:ident) => {
        $(#[$doc])*
        pub fn $function(message: impl Into<String>) -> Error {
            w::$shape {
                r#type: Some("User".into()),
                message: Some(message.into()),
            }
            .into()
        }
    };
}

user_fault!(
    /// `InvalidParameterValueException`, 400.
    invalid_parameter InvalidParameterValueException
);
user_fault!(
    /// `ResourceNotFoundException`, 404.
    not_found ResourceNotFoundException
);
user_fault!(
    /// `ResourceConflictException`, 409.
    conflict ResourceConflictException
);
user_fault!(
    /// `InvalidRequestContentException`, 400.
    invalid_content InvalidRequestContentException
);
user_fault!(
    /// `PreconditionFailedException`, 412.
    precondition_failed PreconditionFailedException
);

/// Something of this host broke; the caller sees a request id.
pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal(cause)
}

/// A parameter of the API that Nuage does not carry out yet. Never silently ignored: the function would not do what it
/// was told.
pub fn not_built(what: &str) -> Error {
    Error::common(
        Common::NotImplemented,
        format!("{what} is not implemented in this version of Nuage."),
    )
}

// Names.

/// recorded
pub fn qualifier_mismatch() -> Error {
    invalid_parameter(
        "The derived qualifier from the function name does not match the specified qualifier.",
    )
}

/// recorded
pub fn function_in_other_region(region: &str, here: &Region) -> Error {
    not_found(format!("Functions from '{region}' are not reachable in this region ('{here}')"))
}

/// recorded
pub fn function_name_too_long(name: &str) -> Error {
    let max = limits::FUNCTION_NAME_CHARS_MAX;
    invalid_parameter(format!(
        "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: \
         Member must have length less than or equal to {max}"
    ))
}

/// recorded
pub fn function_not_found(arn: &str) -> Error {
    not_found(format!("Function not found: {arn}"))
}

/// recorded
pub fn function_exists(name: &str) -> Error {
    conflict(format!("Function already exist: {name}"))
}

/// recorded
pub fn functions_only() -> Error {
    invalid_parameter(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this \
         operation. Please specify either a function name or an unqualified function ARN.",
    )
}

// States.

/// recorded
pub fn update_in_progress(arn: &str) -> Error {
    conflict(format!(
        "The operation cannot be performed at this time. An update is in progress for resource: {arn}"
    ))
}

/// docs: <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>
pub fn function_in_state(state: &str) -> Error {
    conflict(format!(
        "The operation cannot be performed at this time. The function is currently in the following state: {state}"
    ))
}

/// guess
pub fn last_update_failed() -> Error {
    conflict(
        "The operation cannot be performed at this time. The last update of the function has failed. Please update it \
         again.",
    )
}

/// recorded
pub fn revision_mismatch() -> Error {
    precondition_failed(
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
         retrieve the latest Revision Id",
    )
}

// Configuration.

/// recorded
pub fn runtime_unknown(name: &str) -> Error {
    let all = runtime::SUPPORTED.join(", ");
    invalid_parameter(format!(
        "Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{all}] \
         or be a valid ARN"
    ))
}

/// recorded
pub fn runtime_deprecated(name: &str) -> Error {
    invalid_parameter(format!(
        "The runtime parameter of {name} is no longer supported for creating or updating AWS Lambda functions. \
         We recommend you use a supported runtime while creating or updating functions."
    ))
}

/// docs: what clients report
pub fn runtime_and_handler_required() -> Error {
    invalid_parameter(
        "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    )
}

/// seen: reports of AWS's answer.
pub fn no_snap_start(runtime: &str) -> Error {
    invalid_parameter(format!("{runtime} is not supported for SnapStart enabled functions."))
}

/// guess: AWS documents that one excludes the other, for what a snapshot holds would be shared by tenants.
pub fn snap_start_with_tenants() -> Error {
    invalid_parameter("SnapStart is not supported for functions with tenant isolation.")
}

/// guess
pub fn snap_start_ephemeral_storage() -> Error {
    invalid_parameter("SnapStart enabled functions support at most 512 MB of ephemeral storage.")
}

/// The text of a broken constraint, as the generated validation writes it. recorded for other members
pub fn above_maximum(member: &str, value: i32, max: i32) -> Error {
    Error::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have \
         value less than or equal to {max}"
    ))
}

/// As [`above_maximum`].
pub fn below_minimum(member: &str, value: i32, min: i32) -> Error {
    Error::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have \
         value greater than or equal to {min}"
    ))
}

/// recorded
pub fn environment_too_large(measured: &str) -> Error {
    invalid_parameter(format!(
        "Lambda was unable to configure your environment variables because the environment variables you have \
         provided exceeded the 4KB limit. String measured: {measured}"
    ))
}

/// docs: what clients report
pub fn environment_reserved(names: &[&str]) -> Error {
    let names = names.join(", ");
    invalid_parameter(format!(
        "Lambda was unable to configure your environment variables because the environment variables you have \
         provided contains reserved keys that are currently not supported for modification. Reserved keys used in \
         this request: {names}"
    ))
}

/// guess: the pattern is the model's, the sentence that of other validations
pub fn environment_name(name: &str) -> Error {
    Error::validation(format!(
        "1 validation error detected: Value '{name}' at 'environment.variables' failed to satisfy constraint: Map \
         keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
    ))
}

const ROLE_NOT_ASSUMED: &str = "The role defined for the function cannot be assumed by Lambda.";

/// docs: what clients report
pub fn cross_account_role() -> Error {
    Error::common(Common::AccessDenied, "Cross-account pass role is not allowed.")
}

/// docs: what clients report
pub fn role_not_assumable() -> Error {
    invalid_parameter(ROLE_NOT_ASSUMED)
}

/// As [`role_not_assumable`], where the function exists. docs: what clients report of invocations
pub fn role_not_assumed() -> Error {
    Error::common(Common::AccessDenied, ROLE_NOT_ASSUMED)
}

/// docs: what clients report
pub fn log_levels_with_text() -> Error {
    invalid_parameter(
        "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the LogFormat \
         to \"JSON\" and try again.",
    )
}

// Packages.

/// recorded, but for the refusal, which clients report
pub fn package_not_read(error: &seams::Error, bucket: &str, key: &str) -> Error {
    let seams::Error { code, message, .. } = error;
    let cause = format!("S3 Error Code: {code}. S3 Error Message: {message}");
    match &**code {
        "AccessDenied" => Error::common(
            Common::AccessDenied,
            format!(
                "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for {bucket}/{key}. {cause}"
            ),
        ),
        _ => invalid_parameter(format!("Error occurred while GetObject. {cause}")),
    }
}

/// docs: what clients report
pub fn package_empty() -> Error {
    invalid_parameter("Uploaded file must be a non-empty zip")
}

/// recorded
pub fn package_invalid() -> Error {
    invalid_parameter(
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
    )
}

/// recorded
pub fn package_unzipped_too_large() -> Error {
    invalid_parameter(format!(
        "Unzipped size must be smaller than {} bytes",
        limits::UNZIPPED_BYTES_MAX
    ))
}

/// recorded
pub fn package_too_large() -> Error {
    let max = limits::ZIPPED_BYTES_MAX;
    Error::common(Common::RequestTooLarge, format!("Zipped size must be smaller than {max} bytes"))
}

/// recorded
pub fn request_too_large(operation: &str) -> Error {
    let max = limits::REQUEST_BYTES_MAX;
    Error::common(
        Common::RequestTooLarge,
        format!("Request must be smaller than {max} bytes for the {operation} operation"),
    )
}

/// docs: what clients report
pub fn package_missing() -> Error {
    invalid_parameter("Please provide a source for function code.")
}

/// docs: what clients report
pub fn package_sources() -> Error {
    invalid_parameter(
        "Please do not provide other FunctionCode parameters when providing a ZipFile.",
    )
}

/// docs: what clients report
pub fn image_of_zip_function() -> Error {
    invalid_parameter(
        "Please don't provide ImageUri when updating a function with packageType Zip.",
    )
}

/// docs: <https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html>
pub fn code_storage_exceeded() -> Error {
    w::CodeStorageExceededException {
        r#type: Some("User".into()),
        message: Some("Code storage limit exceeded.".into()),
    }
    .into()
}

// Versions and aliases.

/// docs: what clients report
pub fn code_sha256_mismatch(wanted: &str, actual: &str) -> Error {
    invalid_parameter(format!(
        "CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({actual}). Please try again with \
         the CodeSHA256 in $LATEST."
    ))
}

/// recorded
pub fn latest_not_deletable() -> Error {
    invalid_parameter("$LATEST version cannot be deleted without deleting the function.")
}

/// recorded
pub fn alias_not_deletable() -> Error {
    invalid_parameter("Deletion of aliases is not currently supported.")
}

/// docs: what clients report
pub fn version_has_aliases(arn: &str, aliases: &[String]) -> Error {
    conflict(format!(
        "Function version with alias can't be deleted: {arn}. Aliases: {}",
        aliases.join(", ")
    ))
}

/// recorded
pub fn alias_exists(arn: &str) -> Error {
    conflict(format!("Alias already exists: {arn}"))
}

/// recorded
pub fn alias_not_found(arn: &str) -> Error {
    not_found(format!("Alias not found: {arn}"))
}

/// recorded
pub fn alias_cannot_be_found(arn: &str) -> Error {
    not_found(format!("Cannot find alias arn: {arn}"))
}

/// recorded
pub fn alias_too_many_versions() -> Error {
    invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1")
}

/// recorded
pub fn alias_same_version(version: &str) -> Error {
    invalid_parameter(format!(
        "Invalid function version {version}. Function version {version} is already included in routing configuration."
    ))
}

/// recorded, without a type
pub fn alias_latest_weighted() -> Error {
    w::InvalidParameterValueException {
        r#type: None,
        message: Some(
            "$LATEST is not supported for an alias pointing to more than 1 version".into(),
        ),
    }
    .into()
}

// URLs.

/// docs: the pattern is the model's; here for qualifiers that stand in the function's name
pub fn url_qualifier_invalid(qualifier: &str) -> Error {
    Error::validation(format!(
        "1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)"
    ))
}

/// recorded
pub fn url_function_missing() -> Error {
    not_found("Function does not exist")
}

/// recorded
pub fn url_not_found() -> Error {
    not_found("The resource you requested does not exist.")
}

/// recorded
pub fn url_exists(arn: &str) -> Error {
    conflict(format!(
        "Failed to create function url config for [functionArn = {arn}]. Error message:  FunctionUrlConfig exists for \
         this Lambda function"
    ))
}

// Lists.

/// docs: <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>; the text is a guess
pub fn master_region_without_versions() -> Error {
    invalid_parameter("If MasterRegion is specified, FunctionVersion must be set to ALL.")
}

/// A page's marker that was not given out.
pub fn marker_invalid() -> Error {
    invalid_parameter("Invalid marker")
}
