//! Asynchronous events: acknowledged, retried, given up, told, and still there after a crash.

use crate::cloud::Cloud;
use base::Clock;
use serde_json::{Value, json};
use std::time::Duration;
use store::{Prefix, Store};
use svc_lambda::limits::ASYNC_CONCURRENCY_MAX;
use svc_lambda::tables::ASYNC_EVENTS;

async fn waiting(store: &Store) -> usize {
    let scan = store.view(|view| view.scan_keys(&ASYNC_EVENTS, Prefix::all(), 100)).await;
    let scan: Result<_, store::Error> = scan;
    scan.unwrap().len()
}

/// Moves time on in steps, so that what sleeps wakes in order.
async fn pass(cloud: &Cloud, s: u64) {
    for _ in 0..s {
        cloud.clock.advance(Duration::from_secs(1));
        cloud.quiet().await;
    }
}

/// Requests on the bill.
async fn requests(cloud: &Cloud) -> u64 {
    let lines = cloud.billed().await;
    lines.iter().find(|line| line.usage_type.name == "Request").map_or(0, |line| line.quantity)
}

#[tokio::test]
async fn an_event_is_handled_and_forgotten() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let answer = cloud.invoke_event("f", r#"{"a": 1}"#).await;
    assert_eq!((answer.status, &answer.body), (202, &Value::Null));
    cloud.eventually("it runs", || cloud.invocations() == 1).await;
    cloud.quiet().await;
    assert_eq!(waiting(&cloud.store).await, 0);
    let target = "/2014-11-13/functions/f/invoke-async";
    assert_eq!(cloud.call("POST", target, json!({ "a": 1 })).await.status, 202);
    cloud.eventually("it runs", || cloud.invocations() == 2).await;
}

#[tokio::test]
async fn a_large_event_is_kept_beside_its_row() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let large = format!("\"{}\"", "x".repeat(900_000));
    // Two events with one body: the first to end must not take the other's.
    cloud.invoke_event("f", &large).await;
    cloud.invoke_event("f", &large).await;
    cloud.eventually("both run", || cloud.invocations() == 2).await;
    let invocations = cloud.engine.invocations.lock().unwrap().clone();
    assert!(invocations.iter().all(|invocation| invocation.payload == large));
    // Each is one request, and one for each 64 KiB beyond the first 256.
    cloud.quiet().await;
    assert_eq!(requests(&cloud).await, 2 * (1 + 10));
    let refused = cloud.invoke_event("f", &format!("\"{}\"", "x".repeat(1 << 20))).await;
    assert_eq!((refused.status, refused.code()), (413, "RequestTooLargeException"));
}

#[tokio::test]
async fn a_failing_function_is_tried_three_times() {
    let cloud = Cloud::new();
    cloud.create("f", "index.raise", json!({})).await;
    cloud.invoke_event("f", "{}").await;
    cloud.eventually("it runs", || cloud.invocations() == 1).await;
    pass(&cloud, 58).await;
    assert_eq!(cloud.invocations(), 1);
    pass(&cloud, 4).await;
    assert_eq!(cloud.invocations(), 2);
    pass(&cloud, 110).await;
    assert_eq!(cloud.invocations(), 2);
    pass(&cloud, 15).await;
    assert_eq!(cloud.invocations(), 3);
    pass(&cloud, 5).await;
    assert_eq!(waiting(&cloud.store).await, 0);
    let ids: Vec<_> =
        cloud.engine.invocations.lock().unwrap().iter().map(|i| i.request_id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "retries keep the id");
    assert_eq!(requests(&cloud).await, 3);
}

#[tokio::test]
async fn throttled_events_wait_longer_each_time() {
    let cloud = Cloud::new();
    cloud.create("f", "index.block", json!({})).await;
    let body = json!({ "ReservedConcurrentExecutions": 1 });
    cloud.call("PUT", "/2017-10-31/functions/f/concurrency", body).await;
    cloud.invoke_event("f", "1").await;
    cloud.invoke_event("f", "2").await;
    cloud.eventually("the first runs", || cloud.invocations() == 1).await;
    pass(&cloud, 20).await;
    assert_eq!((cloud.invocations(), waiting(&cloud.store).await), (1, 2));
    cloud.engine.release.notify_one();
    // Thrown back after 0, 1, 3, 7 and 15 s, it is due again after 31 s.
    pass(&cloud, 20).await;
    assert_eq!(cloud.invocations(), 2);
}

#[tokio::test]
async fn configured_retries_and_destinations() {
    let cloud = Cloud::new();
    cloud.create("f", "index.raise", json!({})).await;
    cloud.create("told", "index.handler", json!({})).await;
    let config = "/2019-09-25/functions/f/event-invoke-config";
    let arn = |name: &str| format!("arn:aws:lambda:us-east-1:111111111111:function:{name}");
    let to = |arn: String| json!({ "DestinationConfig": { "OnFailure": { "Destination": arn } } });
    let refused = [
        (json!({}), 400, "at least one of error handling or destination"),
        (to(arn("f")), 400, "as a destination for itself"),
        (to(arn("missing")), 400, "function:missing is invalid."),
        (to("arn:aws:iam:us-east-1:111111111111:x".into()), 400, "The provided destination config"),
        (to("arn:aws:sqs:us-east-1:111111111111:q".into()), 501, "not implemented"),
    ];
    for (body, status, text) in refused {
        let answer = cloud.call("PUT", config, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.message().contains(text), "{}", answer.message());
    }
    let missing = cloud.call("GET", config, Value::Null).await;
    assert!(missing.message().ends_with("function:f:$LATEST doesn't have an EventInvokeConfig"));
    let mut body = to(arn("told"));
    body["MaximumRetryAttempts"] = json!(0);
    let put = cloud.call("PUT", config, body).await;
    assert_eq!(put.status, 200, "{}", put.body);
    assert_eq!(put.body["DestinationConfig"]["OnSuccess"], json!({}));
    let kept = cloud.call("POST", config, json!({ "MaximumEventAgeInSeconds": 60 })).await.body;
    assert_eq!(
        (&kept["MaximumRetryAttempts"], &kept["MaximumEventAgeInSeconds"]),
        (&json!(0), &json!(60))
    );

    cloud.invoke_event("f", r#"{"a": 1}"#).await;
    cloud.eventually("the destination is told", || cloud.invocations() == 2).await;
    let told = cloud.engine.invocations.lock().unwrap()[1].payload.clone();
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(told["requestContext"]["approximateInvokeCount"], 1);
    assert_eq!(told["requestPayload"], json!({ "a": 1 }));
    assert_eq!(told["responseContext"]["functionError"], "Unhandled");
    assert_eq!(told["responsePayload"]["errorType"], "Exception");
    assert!(
        cloud
            .authorizer
            .asked
            .lock()
            .unwrap()
            .contains(&("lambda:InvokeFunction".into(), arn("told")))
    );

    let listed = cloud.call("GET", &format!("{config}/list"), Value::Null).await.body;
    assert_eq!(listed["FunctionEventInvokeConfigs"].as_array().unwrap().len(), 1);
    assert_eq!(cloud.call("DELETE", config, Value::Null).await.status, 204);
    assert_eq!(cloud.call("DELETE", config, Value::Null).await.status, 404);
}

#[tokio::test]
async fn events_of_a_stopped_or_deleted_function_end() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let body = json!({ "ReservedConcurrentExecutions": 0 });
    cloud.call("PUT", "/2017-10-31/functions/f/concurrency", body).await;
    cloud.invoke_event("f", "1").await;
    cloud.quiet().await;
    assert_eq!((cloud.invocations(), waiting(&cloud.store).await), (0, 0));

    cloud.create("g", "index.raise", json!({})).await;
    cloud.invoke_event("g", "1").await;
    cloud.eventually("it runs", || cloud.invocations() == 1).await;
    cloud.quiet().await;
    cloud.call("DELETE", "/2015-03-31/functions/g", Value::Null).await;
    pass(&cloud, 65).await;
    assert_eq!((cloud.invocations(), waiting(&cloud.store).await), (1, 0));
}

/// A storm of events whose function never ends stands before one event of another function.
#[tokio::test]
async fn a_storm_of_events_does_not_starve_another_function() {
    let cloud = Cloud::new();
    cloud.create("storm", "index.block", json!({})).await;
    cloud.create("other", "index.handler", json!({})).await;
    for _ in 0..ASYNC_CONCURRENCY_MAX + 10 {
        assert_eq!(cloud.invoke_event("storm", "1").await.status, 202);
    }
    let half = ASYNC_CONCURRENCY_MAX / 2;
    cloud.eventually("half of the places are taken", || cloud.invocations() == half).await;
    cloud.invoke_event("other", "2").await;
    cloud.eventually("the other runs", || cloud.invocations() > half).await;
    assert_eq!(cloud.engine.invocations.lock().unwrap()[half].payload, "2");
    // What was released makes room for the rest.
    cloud
        .eventually("all run", || {
            cloud.engine.release.notify_waiters();
            cloud.invocations() == ASYNC_CONCURRENCY_MAX + 11
        })
        .await;
    cloud.engine.release.notify_waiters();
    cloud.quiet().await;
    assert_eq!(waiting(&cloud.store).await, 0);
}

/// Method: the process ends while the event runs; another begins over the same rows and bodies.
#[tokio::test]
async fn an_acknowledged_event_outlives_the_process() {
    let (store, blobs) = (Store::in_memory(), blobs::Blobs::in_memory());
    let first = Cloud::over(store.clone(), blobs.clone(), 1);
    first.create("f", "index.block", json!({})).await;
    let large = format!("\"{}\"", "x".repeat(300_000));
    for payload in ["1", large.as_str()] {
        assert_eq!(first.invoke_event("f", payload).await.status, 202);
    }
    first.eventually("both run", || first.invocations() == 2).await;
    first.tasks.shut_down(Duration::ZERO).await;
    drop(first);
    let second = Cloud::over(store.clone(), blobs, 2);
    second.eventually("both run again", || second.invocations() == 2).await;
    second.engine.release.notify_waiters();
    second.quiet().await;
    assert_eq!(waiting(&store).await, 0);
    assert!(second.clock.now().unix_s() > 0);
}
