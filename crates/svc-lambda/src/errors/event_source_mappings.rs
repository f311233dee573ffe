//! What is said about event source mappings.

use super::{conflict, invalid_parameter, not_found};
use base::Arn;
use wire::Error;
use wire_lambda as w;

/// recorded
pub fn missing() -> Error {
    not_found("The resource you requested does not exist.")
}

/// recorded
pub fn unrecognized() -> Error {
    invalid_parameter("Unrecognized event source.")
}

/// recorded
pub fn function_missing() -> Error {
    invalid_parameter("Function does not exist")
}

/// recorded
pub fn starting_position_missing() -> Error {
    invalid_parameter(
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be \
         null.",
    )
}

/// docs: what clients report
pub fn starting_position_unsupported(arn: &str) -> Error {
    invalid_parameter(format!("Unsupported starting position for arn type: {arn}"))
}

/// guess
pub fn starting_timestamp_missing() -> Error {
    invalid_parameter(
        "StartingPositionTimestamp is required with the starting position AT_TIMESTAMP.",
    )
}

/// recorded of DestinationConfig
pub fn parameter_unsupported(name: &str) -> Error {
    invalid_parameter(format!("Unsupported {name} parameter for given event source mapping type."))
}

/// recorded of sourceAccessConfigurations
pub fn parameter_missing(name: &str) -> Error {
    invalid_parameter(format!("Required '{name}' parameter is missing."))
}

/// recorded
pub fn window_missing() -> Error {
    invalid_parameter(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    )
}

/// docs: what clients report
pub fn window_of_fifo() -> Error {
    invalid_parameter("Batching window is not supported for FIFO queues.")
}

/// guess
pub fn batch_size_too_large(max: i32) -> Error {
    invalid_parameter(format!("Batch size must not be greater than {max} for this event source."))
}

/// recorded
pub fn filter_invalid() -> Error {
    invalid_parameter("Invalid filter pattern definition.")
}

/// docs: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-basics>; the text is a
/// guess
pub fn filters_too_many(max: usize) -> Error {
    invalid_parameter(format!("An event source mapping can have at most {max} filters."))
}

/// recorded
pub fn exists_for_queue(arn: &str, function: &str, uuid: &str) -> Error {
    conflict(format!(
        "An event source mapping with SQS arn (\" {arn} \") and function (\" {function} \") already exists. Please \
         update or delete the existing mapping with UUID {uuid}"
    ))
}

/// recorded
pub fn exists_for_stream(arn: &str, function: &str, uuid: &str) -> Error {
    conflict(format!(
        "The event source arn (\" {arn} \") and function (\" {function} \") provided mapping already exists. Please \
         update or delete the existing mapping with UUID {uuid}"
    ))
}

/// docs: what clients report
pub fn in_use(what: &str) -> Error {
    w::ResourceInUseException {
        r#type: Some("User".into()),
        message: Some(format!("Cannot {what} the event source mapping because it is in use.")),
    }
    .into()
}

/// What a source says to the execution role. Recorded of queues and streams that do not exist, the rest docs: what
/// clients report.
pub fn unreadable(arn: &Arn, error: &seams::Error) -> Error {
    let denied = error.status == 403;
    invalid_parameter(match arn.service() {
        "sqs" if denied => {
            "The provided execution role does not have permissions to call ReceiveMessage on SQS"
                .to_string()
        }
        "sqs" => format!(
            "Error occurred while ReceiveMessage. SQS Error Code: {}. SQS Error Message: {}",
            error.code, error.message
        ),
        "kinesis" if !denied => format!("Stream not found: {arn}"),
        "kinesis" => format!(
            "Cannot access stream {arn}. Please ensure the role can perform the GetRecords, GetShardIterator, \
             DescribeStream, ListShards, and ListStreams Actions on your stream in IAM."
        ),
        "dynamodb" => format!(
            "Cannot access stream {arn}. Please ensure the role can perform the GetRecords, GetShardIterator, \
             DescribeStream, and ListStreams Actions on your stream in IAM."
        ),
        _ => error.message.clone(),
    })
}
