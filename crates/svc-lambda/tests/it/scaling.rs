//! What many invocations at once come up against: rates, the queue of starts, this host's memory.

use crate::cloud::{Answer, Cloud};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use svc_lambda::limits::{START_HOLD_MAX, STARTS_MAX};
use tokio::task::{JoinHandle, LocalSet, spawn_local};

fn invoke(cloud: &Arc<Cloud>, name: &'static str) -> JoinHandle<Answer> {
    let cloud = cloud.clone();
    spawn_local(async move { cloud.invoke(name, "1").await })
}

fn started(cloud: &Cloud) -> usize {
    cloud.engine.started.load(Ordering::SeqCst)
}

async fn reserve(cloud: &Cloud, name: &str, count: u32) {
    let target = format!("/2017-10-31/functions/{name}/concurrency");
    let body = json!({ "ReservedConcurrentExecutions": count });
    assert_eq!(cloud.call("PUT", &target, body).await.status, 200);
}

#[tokio::test]
async fn ten_requests_a_second_for_each_reserved_execution() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    reserve(&cloud, "f", 2).await;
    for _ in 0..20 {
        assert_eq!(cloud.invoke("f", "1").await.status, 200);
    }
    let refused = cloud.invoke("f", "1").await;
    assert_eq!((refused.status, refused.code()), (429, "TooManyRequestsException"));
    assert_eq!(refused.body["Reason"], "ReservedFunctionInvocationRateLimitExceeded");
    assert_eq!(refused.headers["retry-after"], "1");
    cloud.clock.advance(Duration::from_millis(100));
    assert_eq!(cloud.invoke("f", "1").await.status, 200);
    assert_eq!(cloud.invoke("f", "1").await.status, 200);
    assert_eq!(cloud.invoke("f", "1").await.status, 429);
}

#[tokio::test]
async fn one_function_starts_a_thousand_environments_in_ten_seconds() {
    let cloud = Cloud::new();
    // Each invocation ends its environment, so each starts another.
    cloud.create("f", "index.exit", json!({})).await;
    cloud.create("g", "index.exit", json!({})).await;
    for _ in 0..1_000 {
        assert_eq!(cloud.invoke("f", "1").await.status, 200);
    }
    let refused = cloud.invoke("f", "1").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.body["Reason"], "FunctionInvocationRateLimitExceeded");
    assert_eq!(cloud.invoke("g", "1").await.status, 200);
    cloud.clock.advance(Duration::from_secs(1));
    for _ in 0..100 {
        assert_eq!(cloud.invoke("f", "1").await.status, 200);
    }
    assert_eq!(cloud.invoke("f", "1").await.status, 429);
}

/// A storm whose starts take for ever delays another function by the time for which a start holds its place.
#[tokio::test]
async fn a_storm_of_starts_does_not_starve_another_function() {
    let cloud = Arc::new(Cloud::new());
    cloud.create("storm", "index.slow_start", json!({})).await;
    cloud.create("other", "index.handler", json!({})).await;
    LocalSet::new()
        .run_until(async {
            let storm: Vec<_> = (0..STARTS_MAX + 40).map(|_| invoke(&cloud, "storm")).collect();
            cloud.eventually("the places are taken", || started(&cloud) == STARTS_MAX).await;
            let other = invoke(&cloud, "other");
            cloud.quiet().await;
            assert!(!other.is_finished());
            cloud.clock.advance(START_HOLD_MAX);
            assert_eq!(other.await.unwrap().status, 200);
            assert!(started(&cloud) <= 2 * STARTS_MAX + 1, "not all of the storm runs");
            for call in &storm {
                call.abort();
            }
        })
        .await;
}

/// Those that wait for a start take an environment that comes back before.
#[tokio::test]
async fn an_environment_that_comes_back_goes_to_who_waits() {
    let cloud = Arc::new(Cloud::new());
    cloud.create("f", "index.slow_start", json!({})).await;
    LocalSet::new()
        .run_until(async {
            let calls: Vec<_> = (0..STARTS_MAX + 5).map(|_| invoke(&cloud, "f")).collect();
            cloud.eventually("the places are taken", || started(&cloud) == STARTS_MAX).await;
            cloud.quiet().await;
            // One environment serves its own event and, one after the other, some that wait.
            cloud.engine.release_start.notify_one();
            let done = || calls.iter().filter(|call| call.is_finished()).count();
            cloud.eventually("several end", || done() >= 3).await;
            cloud
                .eventually("the rest is started", || {
                    cloud.engine.release_start.notify_one();
                    done() == calls.len()
                })
                .await;
            for call in calls {
                assert_eq!(call.await.unwrap().status, 200);
            }
            assert!(started(&cloud) < STARTS_MAX + 5);
        })
        .await;
}

#[tokio::test]
async fn a_full_host_ends_what_is_idle_and_then_refuses() {
    let cloud = Arc::new(Cloud::new());
    cloud.create("idle", "index.handler", json!({})).await;
    cloud.create("f", "index.block", json!({})).await;
    assert_eq!(cloud.invoke("idle", "1").await.status, 200);
    // The reserve of 1 GiB and what is expected of one environment, 48 MiB, less the 35 MiB that the idle one had.
    let available = (1 << 30) + (48 << 20) - (35 << 20);
    cloud.engine.memory_used_bytes.store(u64::MAX - available, Ordering::SeqCst);
    LocalSet::new()
        .run_until(async {
            let first = invoke(&cloud, "f");
            cloud.eventually("it runs", || cloud.invocations() == 2).await;
            assert_eq!(cloud.engine.ended.load(Ordering::SeqCst), 1);
            let refused = cloud.invoke("f", "1").await;
            assert_eq!((refused.status, refused.code()), (429, "TooManyRequestsException"));
            assert!(refused.message().contains("no memory"), "{}", refused.body);
            cloud.engine.release.notify_one();
            assert_eq!(first.await.unwrap().status, 200);
        })
        .await;
}
