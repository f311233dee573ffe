//! Event source mappings over a queue and a stream that are kept in memory: their life, their batches, their failures.

use crate::cloud::Cloud;
use base::{Arn, BoxFut, Clock, SimClock, Time};
use seams::{
    CallCx, Delivery, Error, EventSource, EventTarget, Poll, Position, Principal, Records, Shard,
    SourceKind, SourceRecord,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:q";
const STREAM: &str = "arn:aws:kinesis:us-east-1:111111111111:stream/s";
const TARGET: &str = "arn:aws:sns:us-east-1:111111111111:t";
const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

/// A queue, or a stream of one shard whose positions are indexes.
struct MemorySource {
    kind: SourceKind,
    records: Mutex<Vec<SourceRecord>>,
    /// Messages that a queue has handed out.
    hidden: Mutex<Vec<SourceRecord>>,
    acknowledged: Mutex<Vec<String>>,
    added: Notify,
    denied: bool,
}

impl MemorySource {
    fn new(kind: SourceKind) -> Arc<Self> {
        Arc::new(MemorySource {
            kind,
            records: Mutex::default(),
            hidden: Mutex::default(),
            acknowledged: Mutex::default(),
            added: Notify::new(),
            denied: false,
        })
    }

    fn add(&self, items: &[&str], arrived_at: Time) {
        let record = |item: &&str| SourceRecord {
            id: format!("id-{item}"),
            item: item.to_string(),
            arrived_at,
            event: json!({ "body": item, "messageId": item }).to_string(),
        };
        self.records.lock().unwrap().extend(items.iter().map(record));
        self.added.notify_waiters();
    }

    /// What was handed out and not acknowledged comes again.
    fn show_again(&self) {
        let again = std::mem::take(&mut *self.hidden.lock().unwrap());
        self.records.lock().unwrap().extend(again);
        self.added.notify_waiters();
    }

    fn acknowledged(&self) -> Vec<String> {
        let mut all = self.acknowledged.lock().unwrap().clone();
        all.sort();
        all
    }

    fn take(&self, poll: &Poll<'_>) -> Records {
        let mut records = self.records.lock().unwrap();
        if self.kind == SourceKind::Queue {
            let count = poll.records_max.min(records.len());
            let taken: Vec<_> = records.drain(..count).collect();
            self.hidden.lock().unwrap().extend(taken.clone());
            return Records { records: taken, next: None };
        }
        let from = match poll.position {
            Position::TrimHorizon => 0,
            Position::Latest | Position::AtTimestamp(_) => records.len(),
            Position::After(id) => records.iter().position(|record| record.id == *id).unwrap() + 1,
            Position::At(at) => at.parse().unwrap(),
        };
        let to = (from + poll.records_max).min(records.len());
        Records { records: records[from..to].to_vec(), next: Some(to.to_string()) }
    }
}

impl EventSource for MemorySource {
    fn service(&self) -> &'static str {
        if self.kind == SourceKind::Queue { "sqs" } else { "kinesis" }
    }

    fn kind(&self) -> SourceKind {
        self.kind
    }

    fn check<'a>(&'a self, cx: &'a CallCx, source: &'a Arn) -> BoxFut<'a, Result<(), Error>> {
        assert!(matches!(cx.caller.principal, Principal::AssumedRole { .. }));
        let missing = source.resource().ends_with("missing");
        Box::pin(async move {
            if self.denied {
                return Err(Error::new(403, "AccessDenied", "denied"));
            }
            let code = "AWS.SimpleQueueService.NonExistentQueue";
            let text = "The specified queue does not exist.";
            if missing { Err(Error::new(400, code, text)) } else { Ok(()) }
        })
    }

    fn shards<'a>(&'a self, _: &'a CallCx, _: &'a Arn) -> BoxFut<'a, Result<Vec<Shard>, Error>> {
        Box::pin(async { Ok(vec![Shard { id: "shardId-0".into(), parents: Vec::new() }]) })
    }

    fn poll<'a>(&'a self, _: &'a CallCx, poll: Poll<'a>) -> BoxFut<'a, Result<Records, Error>> {
        Box::pin(async move {
            loop {
                let added = self.added.notified();
                let read = self.take(&poll);
                // A stream that waited for its end would never be read from its latest record on.
                if !read.records.is_empty() || *poll.position == Position::Latest {
                    return Ok(read);
                }
                added.await;
            }
        })
    }

    fn acknowledge<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a Arn,
        ids: &'a [String],
    ) -> BoxFut<'a, Result<(), Error>> {
        self.hidden.lock().unwrap().retain(|record| !ids.contains(&record.id));
        self.acknowledged.lock().unwrap().extend_from_slice(ids);
        Box::pin(async { Ok(()) })
    }
}

/// A topic that fails as often as it is told.
#[derive(Default)]
struct MemoryTarget {
    delivered: Mutex<Vec<Delivery>>,
    failures: Mutex<u32>,
}

impl EventTarget for MemoryTarget {
    fn service(&self) -> &'static str {
        "sns"
    }

    fn check<'a>(&'a self, cx: &'a CallCx, target: &'a Arn) -> BoxFut<'a, Result<(), Error>> {
        assert!(matches!(cx.caller.principal, Principal::AssumedRole { .. }));
        let denied = target.resource() == "denied";
        Box::pin(async move {
            if denied { Err(Error::new(403, "AuthorizationError", "denied")) } else { Ok(()) }
        })
    }

    fn deliver<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a Arn,
        delivery: &'a Delivery,
    ) -> BoxFut<'a, Result<(), Error>> {
        let mut failures = self.failures.lock().unwrap();
        let fails = *failures > 0;
        *failures = failures.saturating_sub(1);
        if !fails {
            self.delivered.lock().unwrap().push(delivery.clone());
        }
        Box::pin(async move { if fails { Err(Error::internal("busy")) } else { Ok(()) } })
    }
}

struct World {
    cloud: Cloud,
    queue: Arc<MemorySource>,
    stream: Arc<MemorySource>,
    target: Arc<MemoryTarget>,
}

impl World {
    async fn new(handler: &str) -> Self {
        let queue = MemorySource::new(SourceKind::Queue);
        let stream = MemorySource::new(SourceKind::Stream);
        let target = Arc::new(MemoryTarget::default());
        let cloud = Cloud::connected(vec![queue.clone(), stream.clone()], vec![target.clone()]);
        cloud.create("f", handler, json!({})).await;
        World { cloud, queue, stream, target }
    }

    fn clock(&self) -> &SimClock {
        &self.cloud.clock
    }

    async fn map(&self, source: &str, more: Value) -> String {
        let mut body = json!({ "FunctionName": "f", "EventSourceArn": source });
        if source == STREAM {
            body["StartingPosition"] = json!("TRIM_HORIZON");
        }
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let made = self.cloud.call("POST", MAPPINGS, body).await;
        assert_eq!(made.status, 202, "{}", made.body);
        assert_eq!(made.body["State"], "Creating");
        let uuid = made.body["UUID"].as_str().unwrap().to_string();
        let state = if made.body["Enabled"] == json!(false) { "Disabled" } else { "Enabled" };
        self.reaches(&uuid, state).await;
        uuid
    }

    async fn get(&self, uuid: &str) -> Value {
        self.cloud.call("GET", &format!("{MAPPINGS}/{uuid}"), Value::Null).await.body
    }

    async fn reaches(&self, uuid: &str, state: &str) {
        for _ in 0..100_000 {
            if self.get(uuid).await["State"] == state {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("{uuid} is never {state}");
    }

    /// The items of each invocation so far.
    fn batches(&self) -> Vec<Vec<String>> {
        let invocations = self.cloud.engine.invocations.lock().unwrap().clone();
        let items = |payload: &[u8]| {
            let event: Value = serde_json::from_slice(payload).unwrap();
            let records = event["Records"].as_array().unwrap().clone();
            records.iter().map(|record| record["body"].as_str().unwrap().to_string()).collect()
        };
        invocations.iter().map(|invocation| items(&invocation.payload)).collect()
    }

    async fn invoked(&self, times: usize) {
        let what = format!("{times} invocations");
        self.cloud.eventually(&what, || self.cloud.invocations() >= times).await;
    }

    /// Moves time on in steps until `done`.
    async fn pass_until(&self, what: &str, done: impl Fn() -> bool) {
        for _ in 0..2_000 {
            if done() {
                return;
            }
            self.clock().advance(Duration::from_millis(500));
            for _ in 0..200 {
                tokio::task::yield_now().await;
            }
        }
        panic!("never: {what}");
    }
}

fn text(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_mapping_lives() {
    let world = World::new("index.handler").await;
    let uuid = world.map(QUEUE, json!({})).await;
    let shown = world.get(&uuid).await;
    let arn = format!("arn:aws:lambda:us-east-1:111111111111:event-source-mapping:{uuid}");
    assert_eq!(shown["EventSourceMappingArn"], json!(arn));
    assert_eq!(
        (&shown["BatchSize"], &shown["MaximumBatchingWindowInSeconds"]),
        (&json!(10), &json!(0))
    );
    assert_eq!(shown["StateTransitionReason"], "USER_INITIATED");
    assert_eq!(shown["FunctionResponseTypes"], json!([]));
    assert!(shown.get("LastProcessingResult").is_none() && shown.get("StartingPosition").is_none());
    let elsewhere = arn.replace("us-east-1", "eu-west-1");
    for (arn, status) in [(&arn, 200), (&elsewhere, 404)] {
        let tags = world.cloud.call("GET", &format!("/2017-03-31/tags/{arn}"), Value::Null).await;
        assert_eq!(tags.status, status, "{}", tags.body);
    }
    let again = json!({ "FunctionName": "f", "EventSourceArn": QUEUE });
    let again = world.cloud.call("POST", MAPPINGS, again).await;
    assert_eq!((again.status, again.code()), (409, "ResourceConflictException"));
    assert!(again.message().starts_with(&format!(
        "An event source mapping with SQS arn (\" {QUEUE} \") and function (\" f \") already exists."
    )));
    let at = format!("{MAPPINGS}/{uuid}");
    let disabled = world.cloud.call("PUT", &at, json!({ "Enabled": false })).await;
    assert_eq!((disabled.status, &disabled.body["State"]), (202, &json!("Disabling")));
    world.reaches(&uuid, "Disabled").await;
    world.queue.add(&["a"], world.clock().now());
    world.cloud.quiet().await;
    assert_eq!(world.cloud.invocations(), 0);
    let enabled = world.cloud.call("PUT", &at, json!({ "Enabled": true })).await;
    assert_eq!(enabled.body["State"], "Enabling");
    world.reaches(&uuid, "Enabled").await;
    world.invoked(1).await;
    let listed = world.cloud.call("GET", &format!("{MAPPINGS}?FunctionName=f"), Value::Null).await;
    assert_eq!(listed.body["EventSourceMappings"].as_array().unwrap().len(), 1);
    let other = format!("{MAPPINGS}?EventSourceArn={QUEUE}x");
    let listed = world.cloud.call("GET", &other, Value::Null).await;
    assert_eq!(listed.body["EventSourceMappings"], json!([]));
    let deleted = world.cloud.call("DELETE", &at, Value::Null).await;
    assert_eq!((deleted.status, &deleted.body["State"]), (202, &json!("Deleting")));
    let busy = world.cloud.call("DELETE", &at, Value::Null).await;
    assert!(busy.code() == "ResourceInUseException" || busy.status == 404, "{}", busy.body);
    for _ in 0..100_000 {
        if world.cloud.call("GET", &at, Value::Null).await.status == 404 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the mapping is never gone");
}

#[tokio::test]
async fn messages_are_filtered_handled_and_deleted() {
    let world = World::new("index.handler").await;
    world.queue.add(&["a", "no", "b"], world.clock().now());
    let filters = json!({ "Filters": [{ "Pattern": "{\"body\":[{\"anything-but\":\"no\"}]}" }] });
    world.map(QUEUE, json!({ "FilterCriteria": filters })).await;
    world.cloud.eventually("all deleted", || world.queue.acknowledged().len() == 3).await;
    assert_eq!(world.batches(), [text(&["a", "b"])]);
}

#[tokio::test]
async fn a_batching_window_gathers() {
    let world = World::new("index.handler").await;
    world.map(QUEUE, json!({ "BatchSize": 100, "MaximumBatchingWindowInSeconds": 5 })).await;
    world.queue.add(&["a"], world.clock().now());
    world.cloud.quiet().await;
    world.queue.add(&["b"], world.clock().now());
    world.cloud.quiet().await;
    assert_eq!(world.cloud.invocations(), 0);
    // The source is asked to wait no longer than the window; this one answers when something comes.
    world.clock().advance(Duration::from_secs(6));
    world.queue.add(&["c"], world.clock().now());
    world.invoked(1).await;
    assert_eq!(world.batches(), [text(&["a", "b", "c"])]);
}

#[tokio::test]
async fn messages_of_a_failed_batch_come_again() {
    let world = World::new("index.raise").await;
    world.queue.add(&["a", "b"], world.clock().now());
    world.map(QUEUE, json!({})).await;
    world.invoked(1).await;
    world.cloud.quiet().await;
    assert_eq!(world.queue.acknowledged(), text(&[]));
    world.queue.show_again();
    world.invoked(2).await;
}

/// Method: the handler names the last item of each batch as one that it could not handle.
#[tokio::test]
async fn a_function_names_the_items_that_failed() {
    let types = json!({ "FunctionResponseTypes": ["ReportBatchItemFailures"] });
    let world = World::new("index.partial").await;
    world.queue.add(&["a", "b", "c"], world.clock().now());
    world.map(QUEUE, types.clone()).await;
    world.cloud.eventually("two are deleted", || world.queue.acknowledged().len() == 2).await;
    assert_eq!(world.queue.acknowledged(), text(&["id-a", "id-b"]));

    let world = World::new("index.partial").await;
    world.stream.add(&["1", "2", "3"], world.clock().now());
    world.map(STREAM, types).await;
    world.pass_until("the rest is tried again", || world.cloud.invocations() >= 2).await;
    assert_eq!(world.batches()[..2], [text(&["1", "2", "3"]), text(&["3"])]);
}

#[tokio::test]
async fn a_stream_is_read_in_order_and_goes_on_where_it_was() {
    let world = World::new("index.handler").await;
    world.stream.add(&["1", "2", "3"], world.clock().now());
    let uuid = world.map(STREAM, json!({ "BatchSize": 2 })).await;
    world.invoked(2).await;
    assert_eq!(world.batches(), [text(&["1", "2"]), text(&["3"])]);
    world.cloud.quiet().await;
    let shown = world.get(&uuid).await;
    assert_eq!(
        (&shown["LastProcessingResult"], &shown["State"]),
        (&json!("OK"), &json!("Enabled"))
    );
    assert_eq!(shown["MaximumRetryAttempts"], -1);
    assert_eq!(shown["DestinationConfig"], json!({ "OnFailure": {} }));
    // An update stops the reader and starts another, which goes on behind the third.
    let at = format!("{MAPPINGS}/{uuid}");
    let updated = world.cloud.call("PUT", &at, json!({ "BatchSize": 100 })).await;
    assert_eq!(updated.body["State"], "Updating");
    world.reaches(&uuid, "Enabled").await;
    world.stream.add(&["4"], world.clock().now());
    world.invoked(3).await;
    assert_eq!(world.batches()[2], text(&["4"]));
}

#[tokio::test]
async fn a_poisoned_batch_is_retried_and_given_up() {
    let world = World::new("index.raise").await;
    *world.target.failures.lock().unwrap() = 1;
    world.stream.add(&["1", "2"], world.clock().now());
    let more = json!({
        "MaximumRetryAttempts": 1,
        "DestinationConfig": { "OnFailure": { "Destination": TARGET } },
    });
    let uuid = world.map(STREAM, more).await;
    let told = || world.target.delivered.lock().unwrap().len() == 1;
    world.pass_until("the target is told", told).await;
    assert_eq!(world.batches(), [text(&["1", "2"]), text(&["1", "2"])]);
    let delivery = world.target.delivered.lock().unwrap()[0].clone();
    let body: Value = serde_json::from_str(&delivery.body).unwrap();
    assert_eq!(body["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(body["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(body["KinesisBatchInfo"]["batchSize"], 2);
    assert_eq!(body["KinesisBatchInfo"]["startSequenceNumber"], "1");
    assert_eq!(body["KinesisBatchInfo"]["endSequenceNumber"], "2");
    assert_eq!(body["responseContext"]["functionError"], "Unhandled");
    assert_eq!(world.get(&uuid).await["LastProcessingResult"], "PROBLEM: Function call failed");
    // The shard goes on.
    world.stream.add(&["3"], world.clock().now());
    world.pass_until("the next batch runs", || world.cloud.invocations() >= 3).await;
    assert_eq!(world.batches()[2], text(&["3"]));
}

#[tokio::test]
async fn a_failed_batch_is_halved() {
    let world = World::new("index.raise").await;
    world.stream.add(&["1", "2", "3"], world.clock().now());
    world
        .map(STREAM, json!({ "BisectBatchOnFunctionError": true, "MaximumRetryAttempts": 0 }))
        .await;
    world.pass_until("all are tried alone", || world.cloud.invocations() >= 5).await;
    let batches = world.batches();
    let expected =
        [text(&["1", "2", "3"]), text(&["1", "2"]), text(&["1"]), text(&["2"]), text(&["3"])];
    assert_eq!(batches[..5], expected);
}

#[tokio::test]
async fn old_records_are_given_up_unseen() {
    let world = World::new("index.handler").await;
    let now = world.clock().now();
    world.stream.add(&["old"], now - Duration::from_secs(100));
    world.stream.add(&["new"], now);
    world.map(STREAM, json!({ "MaximumRecordAgeInSeconds": 60 })).await;
    world.invoked(1).await;
    assert_eq!(world.batches(), [text(&["new"])]);
}

#[tokio::test]
async fn creation_is_refused() {
    let world = World::new("index.handler").await;
    let queue = json!({ "FunctionName": "f", "EventSourceArn": QUEUE });
    let stream =
        json!({ "FunctionName": "f", "EventSourceArn": STREAM, "StartingPosition": "LATEST" });
    let with = |base: &Value, key: &str, value: Value| {
        let mut body = base.clone();
        body[key] = value;
        body
    };
    let on_failure = |arn: &str| json!({ "OnFailure": { "Destination": arn } });
    let cases = [
        (json!({ "FunctionName": "f" }), 400, "Unrecognized event source."),
        (with(&queue, "FunctionName", json!("missing")), 400, "Function does not exist"),
        (with(&queue, "FunctionName", json!("f:9")), 400, "Function does not exist"),
        (
            with(&queue, "EventSourceArn", json!(format!("{QUEUE}missing"))),
            400,
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS \
             Error Message: The specified queue does not exist.",
        ),
        (
            with(&stream, "EventSourceArn", json!(format!("{STREAM}missing"))),
            400,
            "Stream not found: arn:aws:kinesis:us-east-1:111111111111:stream/smissing",
        ),
        (with(&stream, "ParallelizationFactor", json!(2)), 501, "ParallelizationFactor"),
        (with(&stream, "TumblingWindowInSeconds", json!(60)), 501, "TumblingWindowInSeconds"),
        (
            with(
                &stream,
                "DestinationConfig",
                on_failure("arn:aws:sqs:us-east-1:111111111111:dlq"),
            ),
            501,
            "Amazon SQS",
        ),
        (
            with(
                &stream,
                "DestinationConfig",
                on_failure("arn:aws:sns:us-east-1:111111111111:denied"),
            ),
            400,
            "The function's execution role does not have permissions to call Publish on",
        ),
        (
            json!({
                "FunctionName": "f", "StartingPosition": "LATEST",
                "EventSourceArn": "arn:aws:dynamodb:us-east-1:111111111111:table/t/stream/1",
            }),
            501,
            "An event source mapping of Amazon DynamoDB Streams is not implemented",
        ),
    ];
    for (body, status, text) in cases {
        let answer = world.cloud.call("POST", MAPPINGS, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert!(answer.message().contains(text), "{body}: {}", answer.message());
    }
    let listed = world.cloud.call("GET", MAPPINGS, Value::Null).await;
    assert_eq!(listed.body["EventSourceMappings"], json!([]));
}

#[tokio::test]
async fn dead_letter_queues_and_destinations_are_told() {
    let world = World::new("index.raise").await;
    let configuration = "/2015-03-31/functions/f/configuration";
    let dead_letter = |arn: &str| json!({ "DeadLetterConfig": { "TargetArn": arn } });
    let missing = "arn:aws:sqs:us-east-1:111111111111:q";
    let refused = world.cloud.call("PUT", configuration, dead_letter(missing)).await;
    assert_eq!(refused.status, 501, "{}", refused.body);
    let denied = "arn:aws:sns:us-east-1:111111111111:denied";
    let refused = world.cloud.call("PUT", configuration, dead_letter(denied)).await;
    assert_eq!((refused.status, refused.code()), (400, "InvalidParameterValueException"));
    let changed = world.cloud.call("PUT", configuration, dead_letter(TARGET)).await;
    assert_eq!(changed.body["DeadLetterConfig"]["TargetArn"], TARGET);
    world.cloud.settled("f").await;
    let config = json!({
        "MaximumRetryAttempts": 0, "DestinationConfig": { "OnFailure": { "Destination": TARGET } },
    });
    let target = "/2019-09-25/functions/f/event-invoke-config";
    assert_eq!(world.cloud.call("PUT", target, config).await.status, 200);
    world.cloud.invoke_event("f", r#"{"a": 1}"#).await;
    let told = || world.target.delivered.lock().unwrap().len() == 2;
    world.cloud.eventually("both are told", told).await;
    let delivered = world.target.delivered.lock().unwrap().clone();
    let letter = delivered.iter().find(|one| one.body == r#"{"a": 1}"#).unwrap();
    let attribute = |name: &str| letter.attributes[name].clone();
    assert_eq!(attribute("ErrorCode"), seams::Attribute::Number("200".into()));
    assert_eq!(attribute("ErrorMessage"), seams::Attribute::Text("no".into()));
    let record = delivered.iter().find(|one| one.body != letter.body).unwrap();
    assert_eq!(record.detail_type, "Lambda Function Invocation Result - Failure");
    let body: Value = serde_json::from_str(&record.body).unwrap();
    assert_eq!(body["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(body["requestPayload"], json!({ "a": 1 }));
    // An empty ARN takes the queue away.
    let changed = world.cloud.call("PUT", configuration, dead_letter("")).await;
    assert!(changed.body.get("DeadLetterConfig").is_none(), "{}", changed.body);
}

/// As AWS documents it: durable functions have dead-letter queues, and no destinations.
#[tokio::test]
async fn durable_executions_that_fail_are_told_to_the_dead_letter_queue() {
    let world = World::new("index.done").await;
    let cloud = &world.cloud;
    let durable = json!({
        "DurableConfig": { "ExecutionTimeout": 60, "RetentionPeriodInDays": 1 },
        "DeadLetterConfig": { "TargetArn": TARGET },
    });
    cloud.create("d", "index.pause", durable).await;
    let destination = json!({ "DestinationConfig": { "OnFailure": { "Destination": TARGET } } });
    let config = "/2019-09-25/functions/d/event-invoke-config";
    let refused = cloud.call("PUT", config, destination).await;
    assert_eq!((refused.status, refused.code()), (400, "InvalidParameterValueException"));
    let begun = cloud.invoke_event("d:$LATEST", r#"{"a": 1}"#).await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    cloud.eventually("it runs", || cloud.invocations() == 1).await;
    world.clock().advance(Duration::from_secs(60));
    let told = || !world.target.delivered.lock().unwrap().is_empty();
    cloud.eventually("the queue is told", told).await;
    cloud.engine.release.notify_waiters();
    cloud.quiet().await;
    let delivered = world.target.delivered.lock().unwrap().clone();
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].body, r#"{"a": 1}"#);
    let attribute = |name: &str| delivered[0].attributes[name].clone();
    let message = "Execution timed out after 60 seconds.".to_string();
    assert_eq!(attribute("ErrorMessage"), seams::Attribute::Text(message));
    let arn = begun.headers["x-amz-durable-execution-arn"].to_str().unwrap();
    let id = arn.rsplit_once('/').unwrap().1.to_string();
    assert_eq!(attribute("RequestID"), seams::Attribute::Text(id));
}
