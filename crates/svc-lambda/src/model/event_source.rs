//! The kinds of event source, and which parameters each has.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#event-source-mapping-params>

use base::Arn;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event_pattern::Pattern;
use serde_json::Value;

/// What a mapping reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A standard queue of Amazon SQS.
    Sqs,
    /// A FIFO queue of Amazon SQS.
    SqsFifo,
    /// A stream of Kinesis Data Streams.
    Kinesis,
    /// The stream of a DynamoDB table.
    DynamoDb,
    /// A cluster of Amazon MSK.
    ManagedKafka,
    /// Apache Kafka somewhere else.
    SelfManagedKafka,
    /// A broker of Amazon MQ.
    Mq,
    /// A cluster of Amazon DocumentDB.
    DocumentDb,
}

impl Source {
    /// The kind that an ARN names.
    pub fn of(arn: &Arn) -> Option<Self> {
        match (arn.service(), arn.resource()) {
            ("sqs", queue) if queue.ends_with(".fifo") => Some(Source::SqsFifo),
            ("sqs", _) => Some(Source::Sqs),
            ("kinesis", _) => Some(Source::Kinesis),
            ("dynamodb", _) => Some(Source::DynamoDb),
            ("kafka", _) => Some(Source::ManagedKafka),
            ("mq", _) => Some(Source::Mq),
            ("rds" | "docdb", _) => Some(Source::DocumentDb),
            _ => None,
        }
    }

    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Source::Sqs | Source::SqsFifo => "Amazon SQS",
            Source::Kinesis => "Amazon Kinesis Data Streams",
            Source::DynamoDb => "Amazon DynamoDB Streams",
            Source::ManagedKafka => "Amazon MSK",
            Source::SelfManagedKafka => "a self-managed Apache Kafka cluster",
            Source::Mq => "Amazon MQ",
            Source::DocumentDb => "Amazon DocumentDB",
        }
    }

    /// Whether records hide and come again, rather than stay in order.
    pub fn is_queue(self) -> bool {
        matches!(self, Source::Sqs | Source::SqsFifo)
    }

    /// Whether it is a stream whose shards Lambda reads: Kinesis or DynamoDB.
    pub fn is_stream(self) -> bool {
        matches!(self, Source::Kinesis | Source::DynamoDb)
    }

    /// Whether the caller must say where to begin.
    pub fn needs_starting_position(self) -> bool {
        !self.is_queue() && self != Source::Mq
    }

    /// Records of a batch where the caller says nothing (recorded).
    pub fn batch_size_default(self) -> i32 {
        if self.is_queue() { 10 } else { 100 }
    }

    /// Records of a batch, at most.
    pub fn batch_size_max(self) -> i32 {
        if self == Source::SqsFifo { 10 } else { 10_000 }
    }

    /// Recorded: streams and queues tell differently that a caller wanted the state that they are in.
    pub fn transition_reason(self) -> &'static str {
        if self.is_stream() { "User action" } else { "USER_INITIATED" }
    }

    /// Whether the parameter has a meaning for this kind.
    pub fn has(self, parameter: &str) -> bool {
        use Source::{DocumentDb, DynamoDb, Kinesis, ManagedKafka, Mq, SelfManagedKafka, Sqs};
        let kafka = matches!(self, ManagedKafka | SelfManagedKafka);
        match parameter {
            "StartingPosition" => self.needs_starting_position(),
            "StartingPositionTimestamp" => kafka || matches!(self, Kinesis | DocumentDb),
            "ParallelizationFactor" | "TumblingWindowInSeconds" => self.is_stream(),
            "BisectBatchOnFunctionError"
            | "MaximumRecordAgeInSeconds"
            | "MaximumRetryAttempts"
            | "DestinationConfig" => self.is_stream() || kafka,
            "FunctionResponseTypes" => self.is_stream() || self.is_queue() || kafka,
            "ScalingConfig" => self.is_queue(),
            "Topics" => kafka,
            "Queues" => self == Mq,
            "SourceAccessConfigurations" => kafka || matches!(self, Mq | DocumentDb),
            "SelfManagedEventSource" | "SelfManagedKafkaEventSourceConfig" => {
                self == SelfManagedKafka
            }
            "AmazonManagedKafkaEventSourceConfig" => self == ManagedKafka,
            "DocumentDBEventSourceConfig" => self == DocumentDb,
            "ProvisionedPollerConfig" => kafka || self == Sqs,
            "LoggingConfig" => kafka,
            "MetricsConfig" => kafka || self.is_queue() || matches!(self, Kinesis | DynamoDb),
            _ => true,
        }
    }

    /// What filters look at, from a record as functions get it: the body of a message, or the data of a Kinesis record,
    /// read as JSON where it is JSON.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax>
    pub fn filtered(self, event: &str) -> Value {
        let mut event: Value = serde_json::from_str(event).unwrap_or(Value::Null);
        let parsed = |text: &str| serde_json::from_str(text).ok();
        match self {
            Source::Sqs | Source::SqsFifo => {
                if let Some(body) = event["body"].as_str().and_then(parsed) {
                    event["body"] = body;
                }
                event
            }
            Source::Kinesis => {
                let mut record = event["kinesis"].take();
                let data = record["data"].as_str().and_then(|data| STANDARD.decode(data).ok());
                let data = data.and_then(|data| String::from_utf8(data).ok());
                if let Some(data) = data {
                    record["data"] = parsed(&data).unwrap_or(Value::String(data));
                }
                record
            }
            _ => event,
        }
    }

    /// Whether one of the filters wants the record, or there are none.
    pub fn is_wanted(self, filters: &[Pattern], event: &str) -> bool {
        if filters.is_empty() {
            return true;
        }
        let filtered = self.filtered(event);
        filters.iter().any(|filter| filter.matches(&filtered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kinds() {
        let of = |arn: &str| Source::of(&Arn::parse(arn).unwrap());
        assert_eq!(of("arn:aws:sqs:us-east-1:111111111111:q"), Some(Source::Sqs));
        assert_eq!(of("arn:aws:sqs:us-east-1:111111111111:q.fifo"), Some(Source::SqsFifo));
        let stream = "arn:aws:dynamodb:us-east-1:111111111111:table/t/stream/2026";
        assert_eq!(of(stream), Some(Source::DynamoDb));
        assert_eq!(of("arn:aws:s3:::bucket"), None);
    }

    #[test]
    fn filters_look_into_bodies_and_data() {
        let wanted = |source: Source, pattern: Value, event: Value| {
            let pattern = Pattern::parse(&pattern.to_string()).unwrap();
            source.is_wanted(&[pattern], &event.to_string())
        };
        let pattern = json!({"body": {"kind": ["a"]}});
        assert!(wanted(Source::Sqs, pattern.clone(), json!({"body": "{\"kind\":\"a\"}"})));
        assert!(!wanted(Source::Sqs, pattern.clone(), json!({"body": "{\"kind\":\"b\"}"})));
        assert!(!wanted(Source::Sqs, pattern, json!({"body": "plain"})));
        assert!(wanted(Source::Sqs, json!({"body": ["plain"]}), json!({"body": "plain"})));
        let data = STANDARD.encode("{\"n\":5}");
        let record = json!({"kinesis": {"data": data, "partitionKey": "p"}});
        let pattern = json!({"data": {"n": [{"numeric": [">", 4]}]}, "partitionKey": ["p"]});
        assert!(wanted(Source::Kinesis, pattern, record));
        let change = json!({"eventName": "INSERT", "dynamodb": {"NewImage": {"id": {"S": "1"}}}});
        assert!(wanted(Source::DynamoDb, json!({"eventName": ["INSERT", "MODIFY"]}), change));
    }
}
