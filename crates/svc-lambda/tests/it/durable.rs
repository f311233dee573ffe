//! Durable executions: what time does to them, and that nothing of them is left.

use crate::cloud::{Answer, Cloud};
use serde_json::{Value, json};
use std::time::Duration;
use store::{Prefix, Store, View};
use svc_lambda::durable::tables::{
    DURABLE_CHANGES, DURABLE_EVENTS, DURABLE_EXECUTIONS, DURABLE_NAMES, DURABLE_OPERATIONS,
    DURABLE_PURGES, DURABLE_STARTS, DURABLE_TIMERS, DURABLE_WORK,
};

const DAY_S: u64 = 86_400;

fn config(timeout_s: u64) -> Value {
    json!({ "DurableConfig": { "ExecutionTimeout": timeout_s, "RetentionPeriodInDays": 1 } })
}

/// Moves time on at once, and lets what sleeps do its work.
async fn pass(cloud: &Cloud, s: u64) {
    cloud.clock.advance(Duration::from_secs(s));
    cloud.quiet().await;
}

async fn begin(cloud: &Cloud, function: &str, payload: &str) -> String {
    let answer = cloud.invoke_event(&format!("{function}:$LATEST"), payload).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let arn = answer.headers["x-amz-durable-execution-arn"].to_str().unwrap().to_string();
    cloud.quiet().await;
    arn
}

fn path(arn: &str) -> String {
    format!("/2025-12-01/durable-executions/{}", arn.replace(':', "%3A").replace('/', "%2F"))
}

/// Waits until the function has run `count` times and the execution has this status.
async fn becomes(cloud: &Cloud, arn: &str, count: usize, wanted: &str) {
    cloud.eventually("the function runs", || cloud.invocations() == count).await;
    for _ in 0..100 {
        cloud.quiet().await;
        if status(cloud, arn).await == wanted {
            assert_eq!(cloud.invocations(), count);
            return;
        }
    }
    panic!("it is {}, not {wanted}", status(cloud, arn).await);
}

async fn status(cloud: &Cloud, arn: &str) -> Value {
    cloud.call("GET", &path(arn), Value::Null).await.body["Status"].clone()
}

async fn events(cloud: &Cloud, arn: &str) -> Vec<String> {
    let history = cloud.call("GET", &format!("{}/history", path(arn)), Value::Null).await.body;
    let events = history["Events"].as_array().unwrap().clone();
    events.iter().map(|event| event["EventType"].as_str().unwrap().to_string()).collect()
}

/// What the function got last.
fn last_event(cloud: &Cloud) -> Value {
    let invocations = cloud.engine.invocations.lock().unwrap();
    serde_json::from_slice(&invocations.last().unwrap().payload).unwrap()
}

async fn checkpoint(cloud: &Cloud, event: &Value, updates: Value) -> Answer {
    let arn = event["DurableExecutionArn"].as_str().unwrap();
    let body = json!({ "CheckpointToken": event["CheckpointToken"], "Updates": updates });
    cloud.call("POST", &format!("{}/checkpoint", path(arn)), body).await
}

/// Rows of the tables: work, timers and removals to come, and all others.
fn rows(store: &Store) -> (usize, usize, usize) {
    let count = |view: &View<'_>| {
        let work = view.scan_keys(&DURABLE_WORK, Prefix::all(), 1_000)?.len();
        let timers = view.scan_keys(&DURABLE_TIMERS, Prefix::all(), 1_000)?.len()
            + view.scan_keys(&DURABLE_PURGES, Prefix::all(), 1_000)?.len();
        let others = view.scan_keys(&DURABLE_EXECUTIONS, Prefix::all(), 1_000)?.len()
            + view.scan_keys(&DURABLE_NAMES, Prefix::all(), 1_000)?.len()
            + view.scan_keys(&DURABLE_STARTS, Prefix::all(), 1_000)?.len()
            + view.scan_keys(&DURABLE_OPERATIONS, Prefix::all(), 1_000)?.len()
            + view.scan_keys(&DURABLE_CHANGES, Prefix::all(), 1_000)?.len()
            + view.scan_keys(&DURABLE_EVENTS, Prefix::all(), 1_000)?.len();
        Ok::<_, store::Error>((work, timers, others))
    };
    store.read(count).unwrap()
}

/// Waits until the last invocation is over and the next stands in its row, and moves time on to it.
async fn retried(cloud: &Cloud) {
    let ran = || cloud.lambda.environment_counts().1 == 0;
    cloud.eventually("it ran", ran).await;
    cloud.quiet().await;
    pass(cloud, 5).await;
}

/// Begins an execution that waits for an hour.
async fn waiting(cloud: &Cloud) -> String {
    cloud.create("f", "index.pause", config(DAY_S)).await;
    let arn = begin(cloud, "f", "{}").await;
    cloud.eventually("it runs", || cloud.invocations() == 1).await;
    let wait = json!([{
        "Id": "w", "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 3_600 }
    }]);
    let told = checkpoint(cloud, &last_event(cloud), wait).await;
    assert_eq!(told.status, 200, "{}", told.body);
    cloud.engine.release.notify_waiters();
    let paused = || cloud.lambda.environment_counts().1 == 0 && rows(&cloud.store).0 == 0;
    cloud.eventually("it waits", paused).await;
    arn
}

/// As elsewhere, only who waits has a client context.
#[tokio::test]
async fn client_contexts() {
    let cloud = Cloud::new();
    cloud.create("f", "index.done", config(60)).await;
    let target = "/2015-03-31/functions/f/invocations?Qualifier=$LATEST";
    let context = ("x-amz-client-context", "eyJjdXN0b20iOnsiYSI6MX19");
    for (number, kind, status) in [(1, "RequestResponse", 200), (2, "Event", 202)] {
        let headers = [context, ("x-amz-invocation-type", kind)];
        let answer = cloud.send("POST", target, &headers, b"{}".to_vec()).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        cloud.eventually("it runs", || cloud.invocations() == number).await;
    }
    let invocations = cloud.engine.invocations.lock().unwrap();
    let given: Vec<_> = invocations.iter().map(|one| one.client_context.as_deref()).collect();
    assert_eq!(given, [Some(r#"{"custom":{"a":1}}"#), None]);
}

#[tokio::test]
async fn an_idle_wait_holds_nothing_but_rows() {
    let cloud = Cloud::new();
    let arn = waiting(&cloud).await;
    let (_, running) = cloud.lambda.environment_counts();
    assert_eq!(running, 0);
    // The end of the wait, and that of the execution's time.
    let (work, timers, _) = rows(&cloud.store);
    assert_eq!((work, timers), (0, 2));
    pass(&cloud, 3_599).await;
    assert_eq!(cloud.invocations(), 1);
    pass(&cloud, 1).await;
    cloud.eventually("it goes on", || cloud.invocations() == 2).await;
    let event = last_event(&cloud);
    assert_eq!(event["UpdatedOperationIds"], json!(["w"]));
    let wait = &event["InitialExecutionState"]["Operations"][1];
    assert_eq!((&wait["Id"], &wait["Status"]), (&json!("w"), &json!("SUCCEEDED")));
    assert_eq!(status(&cloud, &arn).await, "RUNNING");
}

#[tokio::test]
async fn a_wait_goes_on_in_another_process() {
    let (store, blobs) = (Store::in_memory(), blobs::Blobs::in_memory());
    let first = Cloud::over(store.clone(), blobs.clone(), 1);
    let arn = waiting(&first).await;
    first.tasks.shut_down(Duration::ZERO).await;
    drop(first);
    let second = Cloud::over(store.clone(), blobs, 2);
    second.quiet().await;
    assert_eq!(second.invocations(), 0);
    pass(&second, 3_600).await;
    second.eventually("it goes on", || second.invocations() == 1).await;
    // It is ended while the function runs: that is told, and its answer changes nothing.
    let stopped = second.call("POST", &format!("{}/stop", path(&arn)), json!({})).await;
    assert_eq!(stopped.status, 200, "{}", stopped.body);
    second.engine.release.notify_waiters();
    becomes(&second, &arn, 1, "STOPPED").await;
    let late = checkpoint(&second, &last_event(&second), json!([])).await;
    assert_eq!((late.status, late.message()), (400, "Invalid checkpoint token"));
    second.eventually("no work is left", || rows(&store).0 == 0).await;
}

#[tokio::test]
async fn work_that_was_interrupted_is_done_again() {
    let (store, blobs) = (Store::in_memory(), blobs::Blobs::in_memory());
    let first = Cloud::over(store.clone(), blobs.clone(), 1);
    first.create("f", "index.pause", config(DAY_S)).await;
    begin(&first, "f", "{}").await;
    first.eventually("it runs", || first.invocations() == 1).await;
    let step = json!([
        { "Id": "s", "Type": "STEP", "Action": "START" },
        { "Id": "s", "Type": "STEP", "Action": "SUCCEED", "Payload": "1" },
    ]);
    let before = last_event(&first);
    assert_eq!(checkpoint(&first, &before, step).await.status, 200);
    first.tasks.shut_down(Duration::ZERO).await;
    drop(first);
    let second = Cloud::over(store, blobs, 2);
    second.eventually("it runs again", || second.invocations() == 1).await;
    let event = last_event(&second);
    let step = &event["InitialExecutionState"]["Operations"][1];
    assert_eq!(
        (&step["Status"], &step["StepDetails"]["Result"]),
        (&json!("SUCCEEDED"), &json!("1"))
    );
    // The invocation of the first process cannot say anything any more.
    assert_eq!(checkpoint(&second, &before, json!([])).await.status, 400);
}

#[tokio::test]
async fn an_ended_execution_is_forgotten_after_its_retention() {
    let cloud = Cloud::new();
    cloud.create("f", "index.done", config(60)).await;
    let large = format!("\"{}\"", "x".repeat(200_000));
    for number in 0..3 {
        let arn = begin(&cloud, "f", &large.replace("\"x", &format!("\"{number}"))).await;
        becomes(&cloud, &arn, number + 1, "SUCCEEDED").await;
    }
    let (work, timers, others) = rows(&cloud.store);
    assert_eq!((work, timers), (0, 3));
    assert_eq!(others, 3 * (1 + 1 + 1 + 1 + 3), "three events each");
    pass(&cloud, DAY_S - 1).await;
    assert_eq!(rows(&cloud.store).1, 3);
    pass(&cloud, 1).await;
    cloud.eventually("they are gone", || rows(&cloud.store) == (0, 0, 0)).await;
}

#[tokio::test]
async fn a_function_that_fails_is_tried_five_times() {
    let cloud = Cloud::new();
    cloud.create("f", "index.raise", config(DAY_S)).await;
    let arn = begin(&cloud, "f", "{}").await;
    for tries in 1..5 {
        becomes(&cloud, &arn, tries, "RUNNING").await;
        retried(&cloud).await;
    }
    becomes(&cloud, &arn, 5, "FAILED").await;
    assert_eq!(events(&cloud, &arn).await.last().unwrap(), "ExecutionFailed");
}

#[tokio::test]
async fn a_pause_for_nothing_is_tried_three_times() {
    let cloud = Cloud::new();
    cloud.create("f", "index.rest", config(DAY_S)).await;
    let arn = begin(&cloud, "f", "{}").await;
    for tries in 1..3 {
        becomes(&cloud, &arn, tries, "RUNNING").await;
        retried(&cloud).await;
    }
    becomes(&cloud, &arn, 3, "FAILED").await;
}

#[tokio::test]
async fn a_throttled_execution_waits() {
    let cloud = Cloud::new();
    cloud.create("f", "index.done", config(900)).await;
    let none = json!({ "ReservedConcurrentExecutions": 0 });
    cloud.call("PUT", "/2017-10-31/functions/f/concurrency", none).await;
    let arn = begin(&cloud, "f", "{}").await;
    pass(&cloud, 10).await;
    assert_eq!((cloud.invocations(), status(&cloud, &arn).await), (0, json!("RUNNING")));
    assert_eq!(cloud.invoke("f:$LATEST", "{}").await.code(), "TooManyRequestsException");
    cloud.call("DELETE", "/2017-10-31/functions/f/concurrency", Value::Null).await;
    pass(&cloud, 600).await;
    becomes(&cloud, &arn, 1, "SUCCEEDED").await;
}

#[tokio::test]
async fn a_function_that_is_deleted_fails_its_executions() {
    let cloud = Cloud::new();
    let arn = waiting(&cloud).await;
    cloud.call("DELETE", "/2015-03-31/functions/f", Value::Null).await;
    pass(&cloud, 3_600).await;
    becomes(&cloud, &arn, 1, "FAILED").await;
    let execution = cloud.call("GET", &path(&arn), Value::Null).await.body;
    assert_eq!(execution["Status"], "FAILED");
    assert_eq!(execution["Error"]["ErrorType"], "ResourceNotFoundException");
}

/// One MiB kept for a day is 24 MiB-hours, whether the execution goes on in between or not.
#[tokio::test]
async fn a_durable_execution_is_billed() {
    let cloud = Cloud::new();
    let arn = waiting(&cloud).await;
    let billed = async |name: &str| {
        let lines = cloud.billed().await;
        lines.iter().find(|line| line.usage_type.name == name).map_or(0, |line| line.quantity)
    };
    let (operations, written, kept) = (
        "Lambda-Durable-Execution-Operations",
        "Lambda-Durable-Execution-Written-Bytes",
        "Lambda-Durable-Execution-TimedStorage-ByteHrs",
    );
    // It began and waits; the event is `{}`.
    assert_eq!((billed(operations).await, billed(written).await, billed(kept).await), (2, 2, 0));
    pass(&cloud, 3_600).await;
    cloud.eventually("it goes on", || cloud.invocations() == 2).await;
    assert_eq!(billed(kept).await, 2);
    let large = format!("\"{}\"", "x".repeat(1_022));
    let steps = json!([
        { "Id": "s", "Type": "STEP", "Action": "START" },
        { "Id": "s", "Type": "STEP", "Action": "SUCCEED", "Payload": large },
        { "Id": "c", "Type": "CALLBACK", "Action": "START" },
    ]);
    assert_eq!(checkpoint(&cloud, &last_event(&cloud), steps).await.status, 200);
    assert_eq!((billed(operations).await, billed(written).await), (4, 2 + 1_024));
    pass(&cloud, 1_800).await;
    let stopped = cloud.call("POST", &format!("{}/stop", path(&arn)), json!({})).await;
    assert_eq!(stopped.status, 200, "{}", stopped.body);
    assert_eq!(billed(operations).await, 4);
    assert_eq!(billed(kept).await, 2 + 513);
    // Kept for a day after its end, and then no more.
    let stored = billed(written).await;
    pass(&cloud, DAY_S).await;
    cloud.eventually("it is gone", || rows(&cloud.store) == (0, 0, 0)).await;
    assert_eq!(billed(kept).await, 2 + 513 + 24 * stored);
    pass(&cloud, DAY_S).await;
    assert_eq!(billed(kept).await, 2 + 513 + 24 * stored);
}

/// The last step of 256 KiB makes it more than 100 MiB, with the two bytes of the event.
#[tokio::test]
async fn an_execution_stores_a_hundred_mebibytes() {
    let cloud = Cloud::new();
    cloud.create("f", "index.pause", config(DAY_S)).await;
    begin(&cloud, "f", "{}").await;
    cloud.eventually("it runs", || cloud.invocations() == 1).await;
    let mut event = last_event(&cloud);
    let large = format!("\"{}\"", "x".repeat(262_142));
    for step in 1..400 {
        let id = format!("s{step}");
        let done = json!([{ "Id": id, "Type": "STEP", "Action": "SUCCEED", "Payload": large }]);
        let told = checkpoint(&cloud, &event, done).await;
        assert_eq!(told.status, 200, "step {step}: {}", told.body);
        event["CheckpointToken"] = told.body["CheckpointToken"].clone();
    }
    let last = json!([{ "Id": "last", "Type": "STEP", "Action": "SUCCEED", "Payload": large }]);
    let refused = checkpoint(&cloud, &event, last).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    // What was refused counts for nothing.
    let small = json!([{ "Id": "last", "Type": "STEP", "Action": "SUCCEED", "Payload": "1" }]);
    assert_eq!(checkpoint(&cloud, &event, small).await.status, 200);
}
