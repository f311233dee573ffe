//! `TestMetricFilter`: try a filter pattern on some messages.

use crate::model::filter_pattern::FilterPattern;
use crate::{Logs, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_logs::{MetricFilterMatchRecord, TestMetricFilterRequest, TestMetricFilterResponse};

/// Answers with the messages that match and what the pattern reads out of them. They are numbered from 0, as in AWS's
/// documentation of the operation.
pub async fn test_metric_filter(
    _: Arc<Logs>,
    _: Arc<CallCx>,
    input: TestMetricFilterRequest,
) -> Result<TestMetricFilterResponse, Error> {
    let pattern = FilterPattern::parse(&input.filter_pattern).map_err(errors::invalid_pattern)?;
    let matches = (0..).zip(input.log_event_messages).filter_map(|(number, message)| {
        let extracted_values = pattern.extract(&message)?;
        Some(MetricFilterMatchRecord {
            event_number: Some(number),
            event_message: Some(message),
            extracted_values: Some(extracted_values),
        })
    });
    Ok(TestMetricFilterResponse { matches: Some(matches.collect()) })
}
