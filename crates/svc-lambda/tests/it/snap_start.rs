//! What SnapStart puts on the bill, as time passes.

use crate::cloud::Cloud;
use serde_json::{Value, json};
use std::time::Duration;

const HOUR_S: u64 = 3_600;
const CACHED: &str = "Lambda-SnapStart-Cached-GB-S";
const RESTORED: &str = "Lambda-SnapStart-Restored-GB";

/// A function of 1 GB whose version 1 has been initialized.
async fn published(cloud: &Cloud, name: &str, handler: &str, runtime: &str) {
    let configuration = json!({
        "Runtime": runtime, "MemorySize": 1_024, "SnapStart": { "ApplyOn": "PublishedVersions" },
    });
    cloud.create(name, handler, configuration).await;
    let versions = format!("/2015-03-31/functions/{name}/versions");
    assert_eq!(cloud.call("POST", &versions, json!({})).await.status, 201);
    let version = format!("/2015-03-31/functions/{name}/configuration?Qualifier=1");
    for _ in 0..100 {
        cloud.quiet().await;
        if cloud.call("GET", &version, Value::Null).await.body["State"] == "Active" {
            return;
        }
    }
    panic!("version 1 of {name} is never active");
}

async fn pass(cloud: &Cloud, s: u64) {
    cloud.clock.advance(Duration::from_secs(s));
    cloud.quiet().await;
}

/// Units of the price.
async fn billed(cloud: &Cloud, name: &str) -> f64 {
    let lines = cloud.billed().await;
    lines.iter().filter(|line| line.usage_type.name == name).map(|line| line.units()).sum()
}

#[tokio::test]
async fn a_snapshot_is_billed_for_three_hours_and_then_by_the_hour() {
    let cloud = Cloud::new();
    published(&cloud, "f", "index.handler", "python3.12").await;
    let hours = async || billed(&cloud, CACHED).await / HOUR_S as f64;
    assert_eq!(hours().await, 3.0);
    pass(&cloud, 3 * HOUR_S - 1).await;
    assert_eq!(hours().await, 3.0);
    for hour in 4..8 {
        pass(&cloud, HOUR_S).await;
        assert_eq!(hours().await, f64::from(hour));
    }
    cloud.invoke("f:1", "1").await;
    cloud.invoke("f:1", "1").await;
    assert_eq!(billed(&cloud, RESTORED).await, 1.0);
    // Without its version there is no snapshot.
    let deleted = cloud.call("DELETE", "/2015-03-31/functions/f?Qualifier=1", Value::Null).await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    pass(&cloud, 5 * HOUR_S).await;
    assert_eq!(hours().await, 7.0);
}

#[tokio::test]
async fn snapshots_of_java_and_none_cost_nothing() {
    let cloud = Cloud::new();
    published(&cloud, "java", "index.handler", "java21").await;
    published(&cloud, "none", "index.no_snapshot", "python3.12").await;
    pass(&cloud, 5 * HOUR_S).await;
    cloud.invoke("java:1", "1").await;
    cloud.invoke("none:1", "1").await;
    assert_eq!((billed(&cloud, CACHED).await, billed(&cloud, RESTORED).await), (0.0, 0.0));
    assert_eq!(billed(&cloud, "Request").await, 2.0);
}

/// Only time in which the cloud runs is billed, and nothing twice.
#[tokio::test]
async fn another_process_goes_on_with_the_bill() {
    let (store, blobs) = (store::Store::in_memory(), blobs::Blobs::in_memory());
    let first = Cloud::over(store.clone(), blobs.clone(), 1);
    published(&first, "f", "index.handler", "python3.12").await;
    first.tasks.shut_down(Duration::ZERO).await;
    drop(first);
    let second = Cloud::over(store, blobs, 2);
    second.quiet().await;
    assert_eq!(billed(&second, CACHED).await, 3.0 * HOUR_S as f64);
    pass(&second, 3 * HOUR_S).await;
    assert_eq!(billed(&second, CACHED).await, 4.0 * HOUR_S as f64);
}

/// They may keep as much memory as idle environments may, 1 GiB here, and what was not used for the longest time goes.
#[tokio::test]
async fn snapshots_are_bounded_in_memory() {
    let cloud = Cloud::new();
    let ended = || cloud.engine.snapshots_ended.lock().unwrap().clone();
    published(&cloud, "a", "index.heavy", "java21").await;
    pass(&cloud, 1).await;
    assert!(ended().is_empty());
    published(&cloud, "b", "index.heavy", "java21").await;
    assert_eq!(ended(), ["a"]);
    // It is taken anew when it is wanted.
    pass(&cloud, 1).await;
    assert_eq!(cloud.invoke("a:1", "1").await.status, 200);
    assert_eq!(ended(), ["a", "b"]);
}

#[tokio::test]
async fn what_was_initialized_ahead_serves_one_and_the_next_starts_as_ever() {
    let cloud = Cloud::new();
    published(&cloud, "f", "index.heavy", "java21").await;
    let started = || cloud.engine.started.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(started(), 0);
    let invoked =
        futures_util::future::join(cloud.invoke("f:1", "1"), cloud.invoke("f:1", "2")).await;
    assert_eq!((invoked.0.status, invoked.1.status), (200, 200));
    // Both may have had the one that was restored, one after the other.
    assert!(started() <= 1, "{}", started());
    let deleted = cloud.call("DELETE", "/2015-03-31/functions/f?Qualifier=1", Value::Null).await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    cloud.quiet().await;
    assert_eq!(cloud.engine.snapshots_ended.lock().unwrap().clone(), ["f"]);
}
