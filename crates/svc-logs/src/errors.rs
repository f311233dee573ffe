//! Faults with AWS's texts. The model gives its errors no members, so they are made of code and text.
//!
//! Each says where its text comes from: `recorded` from AWS itself, `reported` in public by users of AWS, or `guess`.

use crate::limits;
use crate::model::batch::Refusal;
use crate::model::filter_pattern::PatternError;
use wire::{Common, Error};

/// Why a transaction failed: a fault for the caller, or the store.
#[derive(Debug)]
pub enum Failure {
    /// For the caller.
    Fault(Error),
    /// For the log.
    Store(store::Error),
}

impl From<Error> for Failure {
    fn from(fault: Error) -> Self {
        Failure::Fault(fault)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Failure::Store(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Fault(fault) => fault,
            Failure::Store(error) => Error::internal(error),
        }
    }
}

/// `InvalidParameterException` with a text of its own.
pub fn invalid_parameter(message: impl Into<String>) -> Error {
    Error::other(400, "InvalidParameterException", message)
}

/// Reported: the key is not there, is of another kind, is switched off, or its policy does not let Logs.
pub fn key_not_usable(error: &seams::Error, group_arn: &str) -> Error {
    if error.is_internal() {
        return Error::internal(error.clone());
    }
    invalid_parameter(format!(
        "The specified KMS key does not exist or is not allowed to be used with Arn '{group_arn}'"
    ))
}

/// Guess: AWS has no such limit.
pub fn too_many_data_keys() -> Error {
    Error::other(400, "LimitExceededException", "This log group was given too many KMS keys.")
}

fn not_found(message: &'static str) -> Error {
    Error::other(400, "ResourceNotFoundException", message)
}

fn already_exists(message: &'static str) -> Error {
    Error::other(400, "ResourceAlreadyExistsException", message)
}

/// Recorded.
pub fn log_group_not_found() -> Error {
    not_found("The specified log group does not exist.")
}

/// Recorded.
pub fn log_stream_not_found() -> Error {
    not_found("The specified log stream does not exist.")
}

/// Reported.
pub fn metric_filter_not_found() -> Error {
    not_found("The specified metric filter does not exist.")
}

/// Reported.
pub fn subscription_filter_not_found() -> Error {
    not_found("The specified subscription filter does not exist.")
}

/// Reported: there is no such function, or its policy does not let Logs.
pub fn function_not_executable() -> Error {
    invalid_parameter(
        "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.",
    )
}

/// Recorded.
pub fn function_of_another_account() -> Error {
    Error::other(
        400,
        "AccessDeniedException",
        "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.",
    )
}

/// Reported.
pub fn group_of_destination() -> Error {
    invalid_parameter(
        "The log group provided is reserved for the function logs of the destination function.",
    )
}

/// Recorded.
pub fn destination_without_role(vendor: &str) -> Error {
    invalid_parameter(format!("destinationArn for vendor {vendor} cannot be used without roleArn"))
}

/// Reported.
pub fn destination_with_role(vendor: &str) -> Error {
    invalid_parameter(format!("destinationArn for vendor {vendor} cannot be used with roleArn"))
}

/// Guess.
pub fn destination_invalid() -> Error {
    invalid_parameter("Invalid destination arn")
}

/// A parameter or kind of destination that is not carried out.
pub fn not_built(what: &str) -> Error {
    Error::common(Common::NotImplemented, format!("{what} is not built here."))
}

/// Guess: AWS says only that groups of the class have no subscription filters.
pub fn class_without_subscriptions() -> Error {
    invalid_parameter(
        "Subscription filters are only supported for log groups of the Standard log class.",
    )
}

/// Reported.
pub fn resource_not_found() -> Error {
    not_found("The specified resource does not exist.")
}

/// Reported.
pub fn policy_not_found(name: &str) -> Error {
    Error::other(
        400,
        "ResourceNotFoundException",
        format!("Policy with name [{name}] does not exist."),
    )
}

/// Guess.
pub fn policy_too_long() -> Error {
    invalid_parameter(format!(
        "The policy document has more than {} bytes.",
        limits::RESOURCE_POLICY_BYTES_MAX
    ))
}

/// Guess.
pub fn malformed_policy() -> Error {
    invalid_parameter("The policy document is malformed.")
}

/// Recorded, without a full stop.
pub fn log_group_already_exists() -> Error {
    already_exists("The specified log group already exists")
}

/// Recorded, without a full stop.
pub fn log_stream_already_exists() -> Error {
    already_exists("The specified log stream already exists")
}

/// Recorded.
pub fn name_too_long() -> Error {
    invalid_parameter(format!(
        "Invalid LogGroup or LogStream, both must have length less than or equal to {}.",
        limits::NAME_BYTES_MAX
    ))
}

/// Recorded.
pub fn limit_exceeded() -> Error {
    Error::other(400, "LimitExceededException", "Resource limit exceeded.")
}

/// Guess.
pub fn deletion_protected() -> Error {
    Error::other(
        400,
        "ValidationException",
        "The specified log group has deletion protection enabled and cannot be deleted.",
    )
}

/// Guess.
pub fn too_many_tags() -> Error {
    Error::other(
        400,
        "TooManyTagsException",
        format!("The resource can have at most {} tags.", limits::TAGS_MAX),
    )
}

/// A value that is not in an enumeration which the model does not know; worded as AWS words violations of the model.
pub fn not_in_value_set(value: &str, path: &str, values: &[u32]) -> Error {
    let values: Vec<String> = values.iter().map(u32::to_string).collect();
    invalid_parameter(format!(
        "1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: \
         Member must satisfy enum value set: [{}]",
        values.join(", ")
    ))
}

/// A member that is missing although the model does not require it; worded likewise.
pub fn member_missing(path: &str) -> Error {
    invalid_parameter(format!(
        "1 validation error detected: Value null at '{path}' failed to satisfy constraint: \
         Member must not be null"
    ))
}

/// Reported for the prefix and the pattern of a log group's name, a guess for others.
pub fn mutually_exclusive(one: &str, other: &str) -> Error {
    invalid_parameter(format!("{one} and {other} are mutually exclusive parameters."))
}

/// Reported.
pub fn pattern_without_dimensions() -> Error {
    invalid_parameter("The specified filter pattern does not support dimensions")
}

/// Reported.
pub fn dimensions_and_default_value() -> Error {
    invalid_parameter(
        "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
    )
}

/// Guess.
pub fn metric_name_without_namespace() -> Error {
    invalid_parameter("metricName and metricNamespace must be specified together.")
}

/// Guess.
pub fn identifier_is_no_arn(identifier: &str) -> Error {
    invalid_parameter(format!("Invalid log group ARN: {identifier}"))
}

/// Guess.
pub fn streams_of_several_groups() -> Error {
    invalid_parameter(
        "Log stream names and prefixes can be specified only with exactly one log group.",
    )
}

/// Reported.
pub fn invalid_next_token() -> Error {
    invalid_parameter("The specified nextToken is invalid.")
}

/// Reported.
pub fn order_by_time_with_prefix() -> Error {
    invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
}

/// Reported.
pub fn invalid_pattern(error: PatternError) -> Error {
    invalid_parameter(error.to_string())
}

/// Recorded for the order, reported for the others.
pub fn refused_batch(refusal: Refusal) -> Error {
    invalid_parameter(match refusal {
        Refusal::TooLarge(bytes) => {
            format!("Upload too large: {bytes} bytes exceeds limit of {}", limits::BATCH_BYTES_MAX)
        }
        Refusal::NotChronological => {
            "Log events in a single PutLogEvents request must be in chronological order.".into()
        }
        Refusal::SpanTooLong => {
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
                .into()
        }
    })
}
