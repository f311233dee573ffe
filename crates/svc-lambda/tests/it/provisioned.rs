//! Provisioned concurrency: environments that are initialized ahead.

use crate::cloud::{Answer, Cloud};
use rt::Service;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A function with version 1 and an alias `live` of it.
async fn published(cloud: &Cloud, name: &str, handler: &str, more: Value) {
    cloud.create(name, handler, more).await;
    publish(cloud, name).await;
    let alias = json!({ "Name": "live", "FunctionVersion": "1" });
    let target = format!("/2015-03-31/functions/{name}/aliases");
    assert_eq!(cloud.call("POST", &target, alias).await.status, 201);
}

async fn publish(cloud: &Cloud, name: &str) {
    let target = format!("/2015-03-31/functions/{name}/versions");
    assert_eq!(cloud.call("POST", &target, json!({})).await.status, 201);
    cloud.quiet().await;
}

async fn on(cloud: &Cloud, method: &str, name: &str, qualifier: &str, body: Value) -> Answer {
    let target =
        format!("/2019-09-30/functions/{name}/provisioned-concurrency?Qualifier={qualifier}");
    cloud.call(method, &target, body).await
}

async fn put(cloud: &Cloud, name: &str, qualifier: &str, count: u32) -> Answer {
    on(cloud, "PUT", name, qualifier, json!({ "ProvisionedConcurrentExecutions": count })).await
}

/// Status, allocated, available.
async fn observed(cloud: &Cloud, name: &str, qualifier: &str) -> (String, u64, u64) {
    let shown = on(cloud, "GET", name, qualifier, Value::Null).await.body;
    let count = |kind: &str| shown[format!("{kind}ProvisionedConcurrentExecutions")].as_u64();
    let status = shown["Status"].as_str().unwrap_or_default().to_string();
    (status, count("Allocated").unwrap(), count("Available").unwrap())
}

async fn becomes(cloud: &Cloud, name: &str, qualifier: &str, expected: (&str, u64, u64)) {
    let expected = (expected.0.to_string(), expected.1, expected.2);
    let mut last = None;
    for _ in 0..2_000 {
        let now = observed(cloud, name, qualifier).await;
        if now == expected {
            return;
        }
        last = Some(now);
        tokio::task::yield_now().await;
    }
    panic!("{last:?} does not become {expected:?}");
}

async fn invoke(cloud: &Cloud, name: &str, qualifier: &str) -> u16 {
    let target = format!("/2015-03-31/functions/{name}/invocations?Qualifier={qualifier}");
    cloud.send("POST", &target, &[], b"1".to_vec()).await.status
}

fn started(cloud: &Cloud) -> usize {
    cloud.engine.started.load(Ordering::SeqCst)
}

fn ended(cloud: &Cloud) -> usize {
    cloud.engine.ended.load(Ordering::SeqCst)
}

/// The initialization types of the environments in the order of their start.
fn types(cloud: &Cloud) -> Vec<String> {
    let specs = cloud.engine.specs.lock().unwrap();
    let of = |spec: &engine::EnvironmentSpec| {
        let name = "AWS_LAMBDA_INITIALIZATION_TYPE";
        spec.environment.iter().find(|(key, _)| key == name).unwrap().1.clone()
    };
    specs.iter().map(of).collect()
}

#[tokio::test]
async fn environments_are_there_before_the_first_event() {
    let cloud = Cloud::new();
    published(&cloud, "f", "index.handler", json!({})).await;
    let answer = put(&cloud, "f", "live", 3).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert_eq!(answer.body["Status"], "IN_PROGRESS");
    assert_eq!(answer.body["AllocatedProvisionedConcurrentExecutions"], 0);
    assert_eq!(answer.body["LastModified"], "2026-09-21T14:13:20+0000");
    becomes(&cloud, "f", "live", ("READY", 3, 3)).await;
    assert_eq!(types(&cloud), ["provisioned-concurrency"; 3]);
    for _ in 0..5 {
        assert_eq!(invoke(&cloud, "f", "live").await, 200);
    }
    assert_eq!(started(&cloud), 3);
    // `$LATEST` has nothing of it.
    assert_eq!(cloud.invoke("f", "1").await.status, 200);
    assert_eq!(types(&cloud)[3], "on-demand");
    // They stay when others end for want of work.
    for _ in 0..25 {
        cloud.clock.advance(Duration::from_secs(30));
        cloud.quiet().await;
    }
    assert_eq!(ended(&cloud), 1);
    becomes(&cloud, "f", "live", ("READY", 3, 3)).await;

    put(&cloud, "f", "live", 1).await;
    becomes(&cloud, "f", "live", ("READY", 1, 1)).await;
    assert_eq!(on(&cloud, "DELETE", "f", "live", Value::Null).await.status, 204);
    cloud.eventually("all end", || ended(&cloud) == 4).await;
    let gone = on(&cloud, "GET", "f", "live", Value::Null).await;
    assert_eq!(gone.code(), "ProvisionedConcurrencyConfigNotFoundException");
}

#[tokio::test]
async fn events_beyond_it_get_environments_on_demand() {
    let cloud = Arc::new(Cloud::new());
    published(&cloud, "f", "index.block", json!({})).await;
    put(&cloud, "f", "1", 1).await;
    becomes(&cloud, "f", "1", ("READY", 1, 1)).await;
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let calls: Vec<_> = (0..2)
                .map(|_| {
                    let cloud = cloud.clone();
                    tokio::task::spawn_local(async move { invoke(&cloud, "f", "1").await })
                })
                .collect();
            cloud.eventually("both run", || cloud.invocations() == 2).await;
            assert_eq!(observed(&cloud, "f", "1").await, ("READY".to_string(), 1, 0));
            cloud.engine.release.notify_waiters();
            for call in calls {
                assert_eq!(call.await.unwrap(), 200);
            }
        })
        .await;
    assert_eq!(types(&cloud), ["provisioned-concurrency", "on-demand"]);
    becomes(&cloud, "f", "1", ("READY", 1, 1)).await;
}

#[tokio::test]
async fn one_that_dies_is_replaced() {
    let cloud = Cloud::new();
    published(&cloud, "f", "index.exit", json!({})).await;
    put(&cloud, "f", "live", 2).await;
    becomes(&cloud, "f", "live", ("READY", 2, 2)).await;
    assert_eq!(invoke(&cloud, "f", "live").await, 200);
    cloud.eventually("another is started", || started(&cloud) == 3).await;
    becomes(&cloud, "f", "live", ("READY", 2, 2)).await;
    assert_eq!(types(&cloud), ["provisioned-concurrency"; 3]);
}

#[tokio::test]
async fn it_survives_a_restart() {
    let (store, blobs) = (store::Store::in_memory(), blobs::Blobs::in_memory());
    let first = Cloud::over(store.clone(), blobs.clone(), 1);
    published(&first, "f", "index.handler", json!({})).await;
    put(&first, "f", "live", 2).await;
    becomes(&first, "f", "live", ("READY", 2, 2)).await;
    first.lambda.stop().await;
    assert!(first.tasks.shut_down(Duration::from_secs(5)).await);
    let second = Cloud::over(store, blobs, 2);
    becomes(&second, "f", "live", ("READY", 2, 2)).await;
    assert_eq!(types(&second), ["provisioned-concurrency"; 2]);
}

/// Sandboxes are made ahead for functions that were there before.
#[tokio::test]
async fn the_engine_knows_functions_after_a_restart() {
    let (store, blobs) = (store::Store::in_memory(), blobs::Blobs::in_memory());
    let first = Cloud::over(store.clone(), blobs.clone(), 1);
    published(&first, "f", "index.handler", json!({ "MemorySize": 512 })).await;
    first.lambda.stop().await;
    assert!(first.tasks.shut_down(Duration::from_secs(5)).await);
    let expected = first.engine.expected.lock().unwrap().last().cloned().unwrap();
    let second = Cloud::over(store, blobs, 2);
    let known = || second.engine.expected.lock().unwrap().contains(&expected);
    second.eventually("the engine knows", known).await;
}

#[tokio::test]
async fn it_moves_with_the_alias() {
    let cloud = Cloud::new();
    published(&cloud, "f", "index.handler", json!({})).await;
    put(&cloud, "f", "live", 2).await;
    becomes(&cloud, "f", "live", ("READY", 2, 2)).await;
    let target = "/2015-03-31/functions/f/configuration";
    cloud.call("PUT", target, json!({ "Handler": "index.slow_start" })).await;
    cloud.settled("f").await;
    publish(&cloud, "f").await;
    let alias = "/2015-03-31/functions/f/aliases/live";
    cloud.call("PUT", alias, json!({ "FunctionVersion": "2" })).await;
    // Those of version 1 stay until those of version 2 are there.
    cloud.eventually("the new ones start", || started(&cloud) == 4).await;
    assert_eq!(observed(&cloud, "f", "live").await, ("IN_PROGRESS".to_string(), 2, 2));
    assert_eq!(ended(&cloud), 0);
    cloud.engine.release_start.notify_waiters();
    becomes(&cloud, "f", "live", ("READY", 2, 2)).await;
    cloud.eventually("the old ones end", || ended(&cloud) == 2).await;
    assert_eq!(invoke(&cloud, "f", "live").await, 200);
    assert_eq!((started(&cloud), ended(&cloud)), (4, 2));
    // Weights share it out.
    let weights = json!({ "RoutingConfig": { "AdditionalVersionWeights": { "1": 0.5 } } });
    assert_eq!(cloud.call("PUT", alias, weights).await.status, 200);
    cloud.eventually("one of each", || started(&cloud) == 5 && ended(&cloud) == 3).await;
    becomes(&cloud, "f", "live", ("READY", 2, 2)).await;
    let latest = json!({ "FunctionVersion": "$LATEST", "RoutingConfig": {} });
    let refused = cloud.call("PUT", alias, latest).await;
    assert_eq!(refused.code(), "InvalidParameterValueException", "{}", refused.body);
    assert_eq!(cloud.call("DELETE", alias, Value::Null).await.status, 204);
    cloud.eventually("all end", || ended(&cloud) == 5).await;
}

#[tokio::test]
async fn what_cannot_be_provisioned_says_why() {
    let cloud = Cloud::new();
    published(&cloud, "broken", "index.broken", json!({})).await;
    put(&cloud, "broken", "live", 2).await;
    becomes(&cloud, "broken", "live", ("FAILED", 0, 0)).await;
    let shown = on(&cloud, "GET", "broken", "live", Value::Null).await.body;
    assert_eq!(shown["StatusReason"], "FUNCTION_ERROR_INIT_FAILURE");
    cloud.quiet().await;
    assert!(started(&cloud) <= 2, "it is not tried again by itself");

    published(&cloud, "large", "index.handler", json!({ "MemorySize": 1024 })).await;
    put(&cloud, "large", "live", 6).await;
    becomes(&cloud, "large", "live", ("FAILED", 0, 0)).await;
    let shown = on(&cloud, "GET", "large", "live", Value::Null).await.body;
    let reason = shown["StatusReason"].as_str().unwrap();
    assert!(reason.contains("5120 MiB") && reason.contains("6144 MiB"), "{reason}");
    put(&cloud, "large", "live", 4).await;
    becomes(&cloud, "large", "live", ("READY", 4, 4)).await;
}

#[tokio::test]
async fn limits() {
    let cloud = Cloud::new();
    published(&cloud, "f", "index.handler", json!({})).await;
    let message = |answer: Answer| (answer.status, answer.message().to_string());
    let refused = |text: &str| (400, text.to_string());
    let above = "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].";
    assert_eq!(message(put(&cloud, "f", "1", 1_001).await), refused(above));
    let leaves = "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].";
    assert_eq!(message(put(&cloud, "f", "1", 901).await), refused(leaves));
    let latest =
        "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
    assert_eq!(message(put(&cloud, "f", "$LATEST", 1).await), refused(latest));
    assert_eq!(put(&cloud, "f", "1", 0).await.code(), "ValidationException");
    assert_eq!(put(&cloud, "f", "7", 1).await.status, 404);
    assert_eq!(put(&cloud, "absent", "live", 1).await.status, 404);

    let concurrency = "/2017-10-31/functions/f/concurrency";
    let reserve = |n: u32| json!({ "ReservedConcurrentExecutions": n });
    cloud.call("PUT", concurrency, reserve(5)).await;
    let above = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function";
    assert_eq!(message(put(&cloud, "f", "1", 6).await), refused(above));
    assert_eq!(put(&cloud, "f", "1", 4).await.status, 202);
    let below = " ReservedConcurrentExecutions  3 should not be lower than function's total provisioned concurrency [4].";
    assert_eq!(message(cloud.call("PUT", concurrency, reserve(3)).await), refused(below));
    let taken = put(&cloud, "f", "live", 1).await;
    assert_eq!(taken.code(), "ResourceConflictException", "{}", taken.body);
    cloud.call("DELETE", concurrency, Value::Null).await;
    let settings = cloud.call("GET", "/2016-08-19/account-settings", Value::Null).await.body;
    assert_eq!(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 996);
    on(&cloud, "DELETE", "f", "1", Value::Null).await;
    assert_eq!(put(&cloud, "f", "live", 1).await.status, 202);
    let taken = put(&cloud, "f", "1", 1).await;
    assert_eq!(taken.message(), "Version is pointed by a Provisioned Concurrency alias");
    let list = "/2019-09-30/functions/f/provisioned-concurrency?List=ALL";
    let listed = cloud.call("GET", list, Value::Null).await.body;
    let arn = listed["ProvisionedConcurrencyConfigs"][0]["FunctionArn"].as_str().unwrap();
    assert!(arn.ends_with(":function:f:live"), "{listed}");
}

#[tokio::test]
async fn it_is_billed_while_it_is_held() {
    let cloud = Cloud::new();
    published(&cloud, "f", "index.handler", json!({})).await;
    put(&cloud, "f", "live", 2).await;
    becomes(&cloud, "f", "live", ("READY", 2, 2)).await;
    // Some minutes into the second block.
    for _ in 0..8 {
        cloud.clock.advance(Duration::from_secs(60));
        cloud.quiet().await;
    }
    assert_eq!(invoke(&cloud, "f", "live").await, 200);
    let billed = cloud.billed().await;
    let of = |name: &str| {
        billed.iter().find(|line| line.usage_type.name == name).map_or(0, |line| line.quantity)
    };
    assert_eq!(of("Lambda-Provisioned-Concurrency"), 2 * 128 * 2 * 300_000);
    // Two initializations of 10 ms and an invocation of 2 ms.
    assert_eq!(of("Lambda-Provisioned-GB-Second"), 128 * (2 * 10 + 2));
    assert_eq!((of("Request"), of("Lambda-GB-Second")), (1, 0));
}
