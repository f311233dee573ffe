//! Event source mappings: what callers may ask for, and how the API shows them.
//!
//! `Creating | Enabling | Disabling | Updating -> Enabled | Disabled`, and `Deleting` until nothing reads any more.

use crate::errors::event_source_mappings as errors;
use crate::model::event_source::Source;
use crate::model::name::{FunctionKey, function_arn};
use crate::tables::{EventSourceMappingRecord, MappingState, StreamRecord};
use crate::{Result, limits};
use base::{Arn, Time};
use event_pattern::Pattern;
use wire::Timestamp;
use wire_lambda as w;

/// Recorded, for streams that nothing was read from.
const NOTHING_PROCESSED: &str = "No records processed";

/// The source that a request names, and its ARN where it has one.
pub fn source(request: &w::CreateEventSourceMappingRequest) -> Result<(Source, Option<Arn>)> {
    if request.self_managed_event_source.is_some() {
        return match request.source_access_configurations {
            Some(_) => Ok((Source::SelfManagedKafka, None)),
            None => Err(errors::parameter_missing("sourceAccessConfigurations")),
        };
    }
    let arn = request.event_source_arn.as_deref().and_then(Arn::parse);
    let arn = arn.ok_or_else(errors::unrecognized)?;
    let source = Source::of(&arn).ok_or_else(errors::unrecognized)?;
    Ok((source, Some(arn)))
}

/// What a request for a mapping asks for, in the form of a change of nothing.
pub fn create(
    source: Source,
    request: &w::CreateEventSourceMappingRequest,
) -> Result<EventSourceMappingRecord> {
    check_parameters(source, request)?;
    let arn = request.event_source_arn.clone().unwrap_or_default();
    let stream = match (source.needs_starting_position(), request.starting_position) {
        (false, _) => None,
        (true, None) => return Err(errors::starting_position_missing()),
        (true, Some(position)) => Some(stream(source, &arn, position, request)?),
    };
    let last_result = if source.is_queue() { "" } else { NOTHING_PROCESSED };
    let mut record = EventSourceMappingRecord {
        source: arn,
        function: String::new(),
        qualifier: None,
        enabled: request.enabled != Some(false),
        state: MappingState::Creating,
        batch_size: source.batch_size_default().unsigned_abs(),
        batching_window_s: 0,
        filters: Vec::new(),
        reports_item_failures: false,
        concurrency_max: None,
        stream,
        tags: request.tags.clone().unwrap_or_default(),
        last_result: last_result.to_string(),
        last_modified_ms: 0,
        revision: String::new(),
    };
    change(source, &mut record, &Change::of_create(request))?;
    Ok(record)
}

/// Refuses what the kind of source does not have, and what it lacks.
fn check_parameters(source: Source, request: &w::CreateEventSourceMappingRequest) -> Result<()> {
    let on_success =
        request.destination_config.as_ref().and_then(|config| config.on_success.as_ref());
    if on_success.is_some() {
        return Err(errors::parameter_unsupported("DestinationConfig"));
    }
    let given = [
        ("StartingPosition", request.starting_position.is_some()),
        ("StartingPositionTimestamp", request.starting_position_timestamp.is_some()),
        ("Topics", request.topics.is_some()),
        ("Queues", request.queues.is_some()),
        ("SourceAccessConfigurations", request.source_access_configurations.is_some()),
        (
            "SelfManagedKafkaEventSourceConfig",
            request.self_managed_kafka_event_source_config.is_some(),
        ),
        (
            "AmazonManagedKafkaEventSourceConfig",
            request.amazon_managed_kafka_event_source_config.is_some(),
        ),
        ("DocumentDBEventSourceConfig", request.document_db_event_source_config.is_some()),
    ];
    check_has(source, &given)?;
    let needed = [
        ("topics", "Topics", request.topics.is_some()),
        ("queues", "Queues", request.queues.is_some()),
        (
            "sourceAccessConfigurations",
            "SourceAccessConfigurations",
            request.source_access_configurations.is_some() || source == Source::ManagedKafka,
        ),
        (
            "documentDBEventSourceConfig",
            "DocumentDBEventSourceConfig",
            request.document_db_event_source_config.is_some(),
        ),
    ];
    match needed.iter().find(|(_, name, given)| source.has(name) && !given) {
        Some((member, _, _)) => Err(errors::parameter_missing(member)),
        None => Ok(()),
    }
}

fn check_has(source: Source, given: &[(&str, bool)]) -> Result<()> {
    match given.iter().find(|(name, given)| *given && !source.has(name)) {
        Some((name, _)) => Err(errors::parameter_unsupported(name)),
        None => Ok(()),
    }
}

fn stream(
    source: Source,
    arn: &str,
    position: w::EventSourcePosition,
    request: &w::CreateEventSourceMappingRequest,
) -> Result<StreamRecord> {
    let at_timestamp = position == w::EventSourcePosition::AtTimestamp;
    if at_timestamp && !source.has("StartingPositionTimestamp") {
        return Err(errors::starting_position_unsupported(arn));
    }
    let timestamp = request.starting_position_timestamp.filter(|_| at_timestamp);
    if at_timestamp && timestamp.is_none() {
        return Err(errors::starting_timestamp_missing());
    }
    Ok(StreamRecord {
        starting_position: position.as_str().to_string(),
        starting_timestamp_ms: timestamp.map(to_unix_ms),
        retries_max: -1,
        record_age_s_max: -1,
        bisect: false,
        on_failure: None,
    })
}

/// The API's unit is the second.
fn to_unix_ms(timestamp: Timestamp) -> u64 {
    u64::try_from(timestamp.seconds()).unwrap_or(0).saturating_mul(1_000)
}

/// The parameters that both requests have.
#[derive(Clone, Default)]
pub struct Change {
    /// Records of one invocation.
    pub batch_size: Option<i32>,
    /// In seconds.
    pub batching_window_s: Option<i32>,
    /// Patterns.
    pub filters: Option<w::FilterCriteria>,
    /// What the function's answer means.
    pub response_types: Option<Vec<w::FunctionResponseType>>,
    /// Invocations at once.
    pub scaling: Option<w::ScalingConfig>,
    /// Whom to tell.
    pub destinations: Option<w::DestinationConfig>,
    /// Of streams.
    pub bisect: Option<bool>,
    /// Of streams.
    pub retries_max: Option<i32>,
    /// Of streams, in seconds.
    pub record_age_s_max: Option<i32>,
    /// Parameters that are not carried out, with whether they ask for anything.
    pub not_built: Vec<(&'static str, bool)>,
}

impl Change {
    fn of_create(request: &w::CreateEventSourceMappingRequest) -> Self {
        Change {
            batch_size: request.batch_size,
            batching_window_s: request.maximum_batching_window_in_seconds,
            filters: request.filter_criteria.clone(),
            response_types: request.function_response_types.clone(),
            scaling: request.scaling_config.clone(),
            destinations: request.destination_config.clone(),
            bisect: request.bisect_batch_on_function_error,
            retries_max: request.maximum_retry_attempts,
            record_age_s_max: request.maximum_record_age_in_seconds,
            not_built: vec![
                ("ParallelizationFactor", request.parallelization_factor.is_some_and(|n| n > 1)),
                (
                    "TumblingWindowInSeconds",
                    request.tumbling_window_in_seconds.is_some_and(|n| n > 0),
                ),
                ("ProvisionedPollerConfig", request.provisioned_poller_config.is_some()),
                ("KMSKeyArn", request.kms_key_arn.as_ref().is_some_and(|arn| !arn.is_empty())),
                ("MetricsConfig", asks_for_metrics(request.metrics_config.as_ref())),
                ("LoggingConfig", request.logging_config.is_some()),
            ],
        }
    }

    /// What an update changes.
    pub fn of_update(request: &w::UpdateEventSourceMappingRequest) -> Self {
        Change {
            batch_size: request.batch_size,
            batching_window_s: request.maximum_batching_window_in_seconds,
            filters: request.filter_criteria.clone(),
            response_types: request.function_response_types.clone(),
            scaling: request.scaling_config.clone(),
            destinations: request.destination_config.clone(),
            bisect: request.bisect_batch_on_function_error,
            retries_max: request.maximum_retry_attempts,
            record_age_s_max: request.maximum_record_age_in_seconds,
            not_built: vec![
                ("ParallelizationFactor", request.parallelization_factor.is_some_and(|n| n > 1)),
                (
                    "TumblingWindowInSeconds",
                    request.tumbling_window_in_seconds.is_some_and(|n| n > 0),
                ),
                ("ProvisionedPollerConfig", request.provisioned_poller_config.is_some()),
                ("KMSKeyArn", request.kms_key_arn.as_ref().is_some_and(|arn| !arn.is_empty())),
                ("MetricsConfig", asks_for_metrics(request.metrics_config.as_ref())),
                ("LoggingConfig", request.logging_config.is_some()),
                ("SourceAccessConfigurations", request.source_access_configurations.is_some()),
            ],
        }
    }
}

fn asks_for_metrics(config: Option<&w::EventSourceMappingMetricsConfig>) -> bool {
    config.and_then(|config| config.metrics.as_ref()).is_some_and(|metrics| !metrics.is_empty())
}

/// Applies `change` to `record`, whose source is of that kind.
pub fn change(
    source: Source,
    record: &mut EventSourceMappingRecord,
    change: &Change,
) -> Result<()> {
    check_has(
        source,
        &[
            ("BisectBatchOnFunctionError", change.bisect.is_some()),
            ("MaximumRecordAgeInSeconds", change.record_age_s_max.is_some()),
            ("MaximumRetryAttempts", change.retries_max.is_some()),
            ("DestinationConfig", change.destinations.is_some()),
            ("FunctionResponseTypes", change.response_types.is_some()),
            ("ScalingConfig", change.scaling.is_some()),
        ],
    )?;
    for (name, asks) in &change.not_built {
        check_has(source, &[(name, *asks)])?;
        if *asks {
            return Err(crate::errors::not_built(&format!("The parameter {name}")));
        }
    }
    if let Some(size) = change.batch_size {
        if size > source.batch_size_max() {
            return Err(errors::batch_size_too_large(source.batch_size_max()));
        }
        record.batch_size = size.unsigned_abs();
    }
    if let Some(window) = change.batching_window_s {
        if source == Source::SqsFifo && window > 0 {
            return Err(errors::window_of_fifo());
        }
        record.batching_window_s = window.unsigned_abs();
    }
    if source == Source::Sqs && record.batch_size > 10 && record.batching_window_s == 0 {
        return Err(errors::window_missing());
    }
    if let Some(criteria) = &change.filters {
        record.filters = filters(criteria)?;
    }
    if let Some(types) = &change.response_types {
        record.reports_item_failures =
            types.contains(&w::FunctionResponseType::ReportBatchItemFailures);
    }
    if let Some(scaling) = &change.scaling {
        record.concurrency_max = scaling.maximum_concurrency.map(i32::unsigned_abs);
    }
    if let Some(stream) = &mut record.stream {
        stream.bisect = change.bisect.unwrap_or(stream.bisect);
        stream.retries_max = change.retries_max.unwrap_or(stream.retries_max);
        stream.record_age_s_max = change.record_age_s_max.unwrap_or(stream.record_age_s_max);
        if let Some(config) = &change.destinations {
            let failure = config.on_failure.as_ref().and_then(|on| on.destination.clone());
            stream.on_failure = failure.filter(|arn| !arn.is_empty());
        }
    }
    Ok(())
}

fn filters(criteria: &w::FilterCriteria) -> Result<Vec<String>> {
    let filters = criteria.filters.as_deref().unwrap_or_default();
    if filters.len() > limits::FILTERS_MAX {
        return Err(errors::filters_too_many(limits::FILTERS_MAX));
    }
    let texts = filters.iter().map(|filter| {
        let text = filter.pattern.clone().filter(|text| Pattern::parse(text).is_ok());
        text.ok_or_else(errors::filter_invalid)
    });
    texts.collect()
}

/// The ARN of a mapping.
pub fn arn(account: base::AccountId, region: &base::Region, uuid: &str) -> String {
    format!("arn:aws:lambda:{region}:{account}:event-source-mapping:{uuid}")
}

impl EventSourceMappingRecord {
    /// What it reads.
    pub fn source(&self) -> Option<(Source, Arn)> {
        let arn = Arn::parse(&self.source)?;
        Some((Source::of(&arn)?, arn))
    }

    /// As the API shows it.
    pub fn to_wire(
        &self,
        account: base::AccountId,
        region: &base::Region,
        uuid: &str,
    ) -> w::EventSourceMappingConfiguration {
        let source = self.source().map_or(Source::Sqs, |(source, _)| source);
        let key: FunctionKey = (account, region.clone(), self.function.clone());
        let function = function_arn(&key);
        let number = |value: u32| i32::try_from(value).ok();
        let types =
            self.reports_item_failures.then_some(w::FunctionResponseType::ReportBatchItemFailures);
        let modified = Time::from_unix_ms(self.last_modified_ms).unix_s();
        let filters = self.filters.iter().map(|text| w::Filter { pattern: Some(text.clone()) });
        let mut shown = w::EventSourceMappingConfiguration {
            uuid: Some(uuid.to_string()),
            event_source_mapping_arn: Some(arn(account, region, uuid)),
            event_source_arn: Some(self.source.clone()),
            function_arn: Some(match &self.qualifier {
                Some(qualifier) => format!("{function}:{qualifier}"),
                None => function,
            }),
            batch_size: number(self.batch_size),
            maximum_batching_window_in_seconds: number(self.batching_window_s),
            filter_criteria: (!self.filters.is_empty())
                .then(|| w::FilterCriteria { filters: Some(filters.collect()) }),
            function_response_types: Some(types.into_iter().collect()),
            scaling_config: self
                .concurrency_max
                .map(|max| w::ScalingConfig { maximum_concurrency: number(max) }),
            last_modified: i64::try_from(modified).ok().and_then(|s| Timestamp::new(s, 0)),
            state: Some(format!("{:?}", self.state)),
            state_transition_reason: Some(source.transition_reason().to_string()),
            ..Default::default()
        };
        if let Some(stream) = &self.stream {
            shown.last_processing_result = Some(self.last_result.clone());
            shown.starting_position = w::EventSourcePosition::parse(&stream.starting_position);
            shown.starting_position_timestamp = stream.starting_timestamp_ms.and_then(|ms| {
                Timestamp::new(i64::try_from(ms / 1_000).ok()?, (ms % 1_000) as u32 * 1_000_000)
            });
            shown.parallelization_factor = Some(1);
            shown.tumbling_window_in_seconds = Some(0);
            shown.maximum_retry_attempts = Some(stream.retries_max);
            shown.maximum_record_age_in_seconds = Some(stream.record_age_s_max);
            shown.bisect_batch_on_function_error = Some(stream.bisect);
            shown.destination_config = Some(w::DestinationConfig {
                on_failure: Some(w::OnFailure { destination: stream.on_failure.clone() }),
                on_success: None,
            });
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:q";
    const STREAM: &str = "arn:aws:kinesis:us-east-1:111111111111:stream/s";
    const TABLE: &str = "arn:aws:dynamodb:us-east-1:111111111111:table/t/stream/1";

    fn request(arn: &str) -> w::CreateEventSourceMappingRequest {
        w::CreateEventSourceMappingRequest {
            event_source_arn: Some(arn.into()),
            function_name: "f".into(),
            starting_position: (arn != QUEUE).then_some(w::EventSourcePosition::Latest),
            ..Default::default()
        }
    }

    fn made(
        arn: &str,
        change: impl FnOnce(&mut w::CreateEventSourceMappingRequest),
    ) -> Result<EventSourceMappingRecord> {
        let mut request = request(arn);
        change(&mut request);
        let (source, _) = source(&request)?;
        create(source, &request)
    }

    #[track_caller]
    fn refused(made: Result<EventSourceMappingRecord>, text: &str) {
        let error = made.unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }

    #[test]
    fn at_most_five_filters() {
        let filter = w::Filter { pattern: Some(r#"{"body":["a"]}"#.into()) };
        let with = |count| {
            let filters = Some(vec![filter.clone(); count]);
            made(QUEUE, |r| r.filter_criteria = Some(w::FilterCriteria { filters }))
        };
        assert!(with(5).is_ok());
        refused(with(6), "at most 5 filters");
    }

    #[test]
    fn defaults() {
        let queue = made(QUEUE, |_| ()).unwrap();
        assert_eq!((queue.batch_size, queue.batching_window_s, &queue.stream), (10, 0, &None));
        let stream = made(STREAM, |_| ()).unwrap();
        let rules = stream.stream.unwrap();
        assert_eq!((stream.batch_size, rules.retries_max, rules.record_age_s_max), (100, -1, -1));
    }

    #[test]
    fn what_a_source_does_not_have() {
        let unsupported = |name: &str| format!("Unsupported {name} parameter");
        refused(
            made(QUEUE, |r| r.bisect_batch_on_function_error = Some(true)),
            &unsupported("BisectBatchOnFunctionError"),
        );
        refused(
            made(STREAM, |r| r.scaling_config = Some(w::ScalingConfig::default())),
            &unsupported("ScalingConfig"),
        );
        refused(made(STREAM, |r| r.topics = Some(vec!["t".into()])), &unsupported("Topics"));
        let both =
            w::DestinationConfig { on_success: Some(w::OnSuccess::default()), on_failure: None };
        refused(
            made(STREAM, |r| r.destination_config = Some(both)),
            &unsupported("DestinationConfig"),
        );
    }

    #[test]
    fn what_a_source_needs() {
        refused(made(STREAM, |r| r.starting_position = None), "Value null at 'startingPosition'");
        let at = Some(w::EventSourcePosition::AtTimestamp);
        refused(
            made(TABLE, |r| r.starting_position = at),
            "Unsupported starting position for arn type",
        );
        refused(
            made(STREAM, |r| r.starting_position = at),
            "StartingPositionTimestamp is required",
        );
        let kafka = "arn:aws:kafka:us-east-1:111111111111:cluster/c/1";
        refused(made(kafka, |_| ()), "Required 'topics' parameter is missing.");
        let managed = |r: &mut w::CreateEventSourceMappingRequest| {
            r.event_source_arn = None;
            r.self_managed_event_source = Some(w::SelfManagedEventSource::default());
        };
        refused(
            made(QUEUE, managed),
            "Required 'sourceAccessConfigurations' parameter is missing.",
        );
        refused(made("arn:aws:s3:::b", |_| ()), "Unrecognized event source.");
    }

    #[test]
    fn batches_and_filters() {
        let text = "Maximum batch window in seconds must be greater than 0";
        refused(made(QUEUE, |r| r.batch_size = Some(11)), text);
        let windowed = made(QUEUE, |r| {
            r.batch_size = Some(10_000);
            r.maximum_batching_window_in_seconds = Some(1);
        });
        assert_eq!(windowed.unwrap().batch_size, 10_000);
        let fifo = format!("{QUEUE}.fifo");
        let of_fifo = |change: fn(&mut w::CreateEventSourceMappingRequest)| {
            made(&fifo, |r| {
                r.starting_position = None;
                change(r);
            })
        };
        refused(of_fifo(|r| r.batch_size = Some(11)), "must not be greater than 10");
        refused(of_fifo(|r| r.maximum_batching_window_in_seconds = Some(1)), "FIFO");
        let filter = |text: &str| {
            let filter = w::Filter { pattern: Some(text.to_string()) };
            let criteria = w::FilterCriteria { filters: Some(vec![filter]) };
            made(QUEUE, |r| r.filter_criteria = Some(criteria))
        };
        assert_eq!(filter(r#"{"body":["x"]}"#).unwrap().filters.len(), 1);
        refused(filter("simple string"), "Invalid filter pattern definition.");
        refused(filter(r#"[{"eventName": ["INSERT"=123}]"#), "Invalid filter pattern definition.");
    }
}
