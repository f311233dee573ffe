//! What is said about destinations and dead-letter queues.

use super::{invalid_parameter, not_built};
use wire::Error;

/// docs: what clients report
pub fn role_may_not(action: &str, arn: &str) -> Error {
    invalid_parameter(format!(
        "The function's execution role does not have permissions to call {action} on {arn}"
    ))
}

/// docs: what clients report
pub fn dead_letter_role_may_not(action: &str, service: &str) -> Error {
    invalid_parameter(format!(
        "The provided execution role does not have permissions to call {action} on {service}"
    ))
}

/// guess
pub fn dead_letter_unsupported(arn: &str) -> Error {
    invalid_parameter(format!("The dead-letter target {arn} must be an SQS queue or an SNS topic."))
}

/// guess
pub fn missing(arn: &str) -> Error {
    invalid_parameter(format!("The destination ARN {arn} is invalid."))
}

/// A target whose service is not part of this cloud: what is meant for it would be lost.
pub fn service_not_built(arn: &str, service: &str) -> Error {
    let service = match service {
        "sqs" => "Amazon SQS",
        "sns" => "Amazon SNS",
        "events" => "Amazon EventBridge",
        "s3" => "Amazon S3",
        other => other,
    };
    not_built(&format!("The target {arn} in {service}"))
}
