//! Synchronous invocations: environments, limits, errors, logs.

use crate::cloud::{Cloud, encoded_package, log_tail};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::task::{LocalSet, spawn_local};

static RESERVE_NOTHING: LazyLock<Value> =
    LazyLock::new(|| json!({ "ReservedConcurrentExecutions": 0 }));

fn started(cloud: &Cloud) -> usize {
    cloud.engine.started.load(Ordering::SeqCst)
}

#[tokio::test]
async fn an_environment_is_used_again_until_the_function_changes() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let first = cloud.invoke("f", r#"{"a": 1}"#).await;
    assert_eq!((first.status, &first.body), (200, &json!({ "a": 1 })));
    assert_eq!(first.headers["x-amz-executed-version"], "$LATEST");
    assert!(!first.headers.contains_key("x-amz-function-error"));
    cloud.invoke("f", "").await;
    assert_eq!(started(&cloud), 1);
    assert_eq!(cloud.engine.invocations.lock().unwrap()[1].payload, "{}");

    cloud
        .call("PUT", "/2015-03-31/functions/f/code", json!({ "ZipFile": encoded_package("2") }))
        .await;
    cloud.settled("f").await;
    let ended = cloud.engine.ended.clone();
    cloud.eventually("the old environment ends", || ended.load(Ordering::SeqCst) == 1).await;
    cloud.invoke("f", "1").await;
    assert_eq!(started(&cloud), 2);
    let specs = cloud.engine.specs.lock().unwrap();
    assert_ne!(specs[0].code, specs[1].code);
    assert_eq!(std::fs::read_to_string(specs[1].code.join("index.py")).unwrap(), "2");
}

#[tokio::test]
async fn an_environment_that_was_busy_during_an_update_is_not_used_again() {
    let cloud = Arc::new(Cloud::new());
    cloud.create("f", "index.block", json!({})).await;
    let busy = cloud.clone();
    let call = tokio::task::LocalSet::new();
    call.run_until(async {
        let running = tokio::task::spawn_local(async move { busy.invoke("f", "1").await.status });
        cloud.eventually("it runs", || cloud.invocations() == 1).await;
        cloud.call("PUT", "/2015-03-31/functions/f/configuration", json!({ "Timeout": 9 })).await;
        cloud.settled("f").await;
        cloud.engine.release.notify_one();
        assert_eq!(running.await.unwrap(), 200);
        let ended = cloud.engine.ended.clone();
        cloud.eventually("it ends", || ended.load(Ordering::SeqCst) == 1).await;
    })
    .await;
}

#[tokio::test]
async fn idle_environments_end() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    cloud.invoke("f", "1").await;
    for _ in 0..25 {
        cloud.clock.advance(Duration::from_secs(30));
        cloud.quiet().await;
    }
    assert_eq!(cloud.engine.ended.load(Ordering::SeqCst), 1);
    assert_eq!(cloud.lambda.environment_counts(), (0, 0));
}

#[tokio::test]
async fn what_the_function_is_given() {
    let cloud = Cloud::new();
    let variables = json!({ "Variables": { "KEY": "value", "TZ": "Europe/Berlin" } });
    cloud
        .create("f", "index.handler", json!({ "Environment": variables, "MemorySize": 512 }))
        .await;
    let context = "eyJjdXN0b20iOnsiYSI6MX19";
    let target = "/2015-03-31/functions/f/invocations?Qualifier=$LATEST";
    cloud.send("POST", target, &[("x-amz-client-context", context)], b"1".to_vec()).await;
    let specs = cloud.engine.specs.lock().unwrap();
    let get = |name: &str| {
        let found = specs[0].environment.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_else(|| panic!("{name} is missing"))
    };
    assert_eq!(get("KEY"), "value");
    assert_eq!(get("TZ"), "Europe/Berlin");
    assert_eq!(get("_HANDLER"), "index.handler");
    assert_eq!(get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), "512");
    assert_eq!(get("AWS_EXECUTION_ENV"), "AWS_Lambda_python3.12");
    assert_eq!(get("AWS_ACCESS_KEY_ID"), "ASIA");
    assert_eq!(get("AWS_ENDPOINT_URL"), "http://127.0.0.1:4566");
    assert_eq!(get("AWS_LAMBDA_LOG_GROUP_NAME"), "/aws/lambda/f");
    let stream = get("AWS_LAMBDA_LOG_STREAM_NAME");
    assert!(stream.starts_with("2026/09/21/[$LATEST]") && stream.len() == 20 + 32, "{stream}");
    let invocations = cloud.engine.invocations.lock().unwrap();
    assert_eq!(invocations[0].client_context.as_deref(), Some(r#"{"custom":{"a":1}}"#));
    let arn = "arn:aws:lambda:us-east-1:111111111111:function:f:$LATEST";
    assert_eq!(invocations[0].invoked_function_arn, arn);
    assert!(invocations[0].trace_id.as_ref().unwrap().starts_with("Root=1-"));
}

#[tokio::test]
async fn failures_of_functions() {
    let cloud = Cloud::new();
    let cases = [
        ("raise", "Exception", "no", None),
        (
            "exit",
            "Runtime.ExitError",
            "Runtime exited with error: exit status 1",
            Some("Error Type: Runtime.ExitError"),
        ),
        (
            "leave",
            "Runtime.ExitError",
            "Runtime exited without providing a reason",
            Some("Status: error"),
        ),
        (
            "memory",
            "Runtime.OutOfMemory",
            "Runtime exited with error: signal: killed",
            Some("Runtime.OutOfMemory"),
        ),
        (
            "large",
            "Function.ResponseSizeTooLarge",
            "exceeded maximum allowed payload size (6291556 bytes).",
            Some("Status: error"),
        ),
        (
            "slow",
            "Sandbox.Timedout",
            "Error: Task timed out after 3.00 seconds",
            Some("Status: timeout"),
        ),
        ("broken", "Runtime.ImportModuleError", "", Some("Error Type: Runtime.ImportModuleError")),
    ];
    for (name, kind, message, in_log) in cases {
        cloud.create(name, &format!("index.{name}"), json!({})).await;
        let answer = cloud.invoke(name, "{}").await;
        assert_eq!(
            (answer.status, &answer.headers["x-amz-function-error"]),
            (200, &"Unhandled".parse().unwrap())
        );
        assert_eq!(answer.body["errorType"], kind, "{name}");
        let told = answer.body["errorMessage"].as_str().unwrap_or_default();
        assert!(told.contains(message), "{name}: {told}");
        let tail = log_tail(&answer);
        let (initialization, _) = tail.split_once("START RequestId: ").expect(&tail);
        let failed = initialization.lines().filter(|line| line.starts_with("INIT_REPORT ")).count();
        assert_eq!(failed, if name == "broken" { 2 } else { 0 }, "{tail}");
        match in_log {
            Some(text) => assert!(tail.contains(text), "{tail}"),
            None => assert!(!tail.contains("Status:"), "{tail}"),
        }
    }
    let before = started(&cloud);
    cloud.invoke("raise", "{}").await;
    cloud.invoke("large", "{}").await;
    assert_eq!(started(&cloud), before, "these environments live");
    cloud.invoke("exit", "{}").await;
    assert_eq!(started(&cloud), before + 1, "this one died");
    cloud.invoke("broken", "{}").await;
    assert_eq!(started(&cloud), before + 3, "initialization is tried twice");
}

/// The second try takes the function's own timeout, which is told and billed, however long the end of it took.
#[tokio::test]
async fn initializations_that_time_out() {
    let cloud = Arc::new(Cloud::new());
    cloud.create("f", "index.never_starts", json!({ "Timeout": 3 })).await;
    LocalSet::new()
        .run_until(async {
            let call = {
                let cloud = cloud.clone();
                spawn_local(async move { cloud.invoke("f", "{}").await })
            };
            for (tries, ms) in [(1, 10_008), (2, 3_008)] {
                let started = || cloud.engine.started.load(Ordering::SeqCst);
                cloud.eventually("it is tried", || started() == tries).await;
                cloud.quiet().await;
                cloud.clock.advance(Duration::from_millis(ms));
                cloud.engine.release_start.notify_one();
            }
            let tail = log_tail(&call.await.unwrap());
            let lines: Vec<&str> = tail.lines().collect();
            assert!(lines[0].ends_with("\tPhase: init\tStatus: timeout"), "{tail}");
            assert!(lines[1].ends_with("\tPhase: invoke\tStatus: timeout"), "{tail}");
            assert!(lines[2].starts_with("START "), "{tail}");
            assert!(lines[3].ends_with(" Task timed out after 3.00 seconds"), "{tail}");
            assert!(lines[5].starts_with("END "), "{tail}");
            assert!(lines[6].contains("\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\t"));
        })
        .await;
}

#[tokio::test]
async fn logs_reach_the_stream_in_order() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let answer = cloud.invoke("f", "{}").await;
    let tail = log_tail(&answer);
    let lines: Vec<&str> = tail.lines().collect();
    assert!(lines[0].starts_with("START RequestId: ") && lines[0].ends_with(" Version: $LATEST"));
    assert_eq!(lines[1], "hello from the handler");
    assert!(lines[2].starts_with("END RequestId: "));
    assert!(lines[3].contains("Duration: 1.23 ms\tBilled Duration: 12 ms\tMemory Size: 128 MB\tMax Memory Used: 35 MB\tInit Duration: 10.00 ms"));
    cloud.quiet().await;
    cloud.clock.advance(Duration::from_millis(200));
    let logs = cloud.logs.clone();
    cloud.eventually("the log is written", || logs.0.lock().unwrap().len() == 5).await;
    let written = cloud.logs.0.lock().unwrap();
    assert!(written[0].2.message.starts_with("INIT_START Runtime Version: python:3.12.v"));
    assert!(
        written
            .iter()
            .all(|(group, stream, _)| group == "/aws/lambda/f" && *stream == written[0].1)
    );
    assert_eq!(written[2].2.message, "hello from the handler\n");
}

#[tokio::test]
async fn json_logs() {
    let cloud = Cloud::new();
    let logging = json!({ "LogFormat": "JSON", "LogGroup": "shared" });
    cloud.create("f", "index.handler", json!({ "LoggingConfig": logging })).await;
    let tail = log_tail(&cloud.invoke("f", "{}").await);
    let kinds: Vec<String> = tail
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .map(|event| event["type"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(kinds, ["platform.start", "platform.report"]);
    let specs = cloud.engine.specs.lock().unwrap();
    let stream = specs[0].environment.iter().find(|(key, _)| key == "AWS_LAMBDA_LOG_STREAM_NAME");
    assert!(stream.unwrap().1.contains("/f[$LATEST]"));
}

/// Recorded: `test_reserved_concurrency`.
#[tokio::test]
async fn throttled() {
    let cloud = Arc::new(Cloud::new());
    cloud.create("f", "index.block", json!({})).await;
    let reserve = async |reserved: i32| {
        let body = json!({ "ReservedConcurrentExecutions": reserved });
        cloud.call("PUT", "/2017-10-31/functions/f/concurrency", body).await
    };
    reserve(0).await;
    let refused = cloud.invoke("f", "{}").await;
    assert_eq!((refused.status, refused.code()), (429, "TooManyRequestsException"));
    assert_eq!(refused.message(), "Rate Exceeded.");
    assert_eq!(refused.body["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
    reserve(1).await;
    let busy = cloud.clone();
    tokio::task::LocalSet::new()
        .run_until(async {
            let running =
                tokio::task::spawn_local(async move { busy.invoke("f", "1").await.status });
            cloud.eventually("it runs", || cloud.invocations() == 1).await;
            assert_eq!(cloud.invoke("f", "{}").await.status, 429);
            cloud.engine.release.notify_one();
            assert_eq!(running.await.unwrap(), 200);
        })
        .await;
    cloud.engine.release.notify_one();
    assert_eq!(cloud.invoke("f", "2").await.status, 200);
}

/// The function runs to its end and its environment is kept, even if the caller has left.
#[tokio::test]
async fn a_caller_who_leaves() {
    let cloud = Cloud::new();
    cloud.create("f", "index.block", json!({})).await;
    {
        let call = cloud.invoke("f", "1");
        let running = cloud.eventually("it runs", || cloud.invocations() == 1);
        tokio::select! {
            _ = call => panic!("it waits"),
            () = running => {}
        }
    }
    cloud.engine.release.notify_one();
    cloud.eventually("it is idle", || cloud.lambda.environment_counts() == (1, 0)).await;
}

#[tokio::test]
async fn refused_events() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let answer = cloud.invoke("f", "not json").await;
    assert_eq!((answer.status, answer.code()), (400, "InvalidRequestContentException"));
    let large = format!("\"{}\"", "x".repeat(6 * 1024 * 1024));
    let answer = cloud.invoke("f", &large).await;
    assert_eq!((answer.status, answer.code()), (413, "RequestTooLargeException"));
    let answer = cloud.invoke("missing", "{}").await;
    let text = "Function not found: arn:aws:lambda:us-east-1:111111111111:function:missing:$LATEST";
    assert_eq!((answer.status, answer.message()), (404, text));
    let target = "/2015-03-31/functions/f/invocations";
    let dry = cloud.send("POST", target, &[("x-amz-invocation-type", "DryRun")], Vec::new()).await;
    assert_eq!(dry.status, 204);
    assert_eq!(cloud.invocations(), 0);
}

#[tokio::test]
async fn an_alias_shares_its_traffic() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({ "Publish": true })).await;
    cloud.call("PUT", "/2015-03-31/functions/f/configuration", json!({ "Timeout": 9 })).await;
    cloud.settled("f").await;
    cloud.call("POST", "/2015-03-31/functions/f/versions", json!({})).await;
    let alias = json!({ "Name": "live", "FunctionVersion": "1", "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.5 } } });
    cloud.call("POST", "/2015-03-31/functions/f/aliases", alias).await;
    let mut seen = [0, 0];
    for _ in 0..100 {
        let answer = cloud.invoke("f:live", "{}").await;
        let version: usize =
            answer.headers["x-amz-executed-version"].to_str().unwrap().parse().unwrap();
        seen[version - 1] += 1;
    }
    assert!(seen.iter().all(|count| (25..=75).contains(count)), "{seen:?}");
    let invocations = cloud.engine.invocations.lock().unwrap();
    assert!(invocations[0].invoked_function_arn.ends_with(":f:live"));
}

#[tokio::test]
async fn usage_is_counted() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    cloud.invoke("f", "1").await;
    cloud.invoke("f", "1").await;
    cloud.create("large", "index.exit", json!({ "EphemeralStorage": { "Size": 612 } })).await;
    cloud.invoke("large", "1").await;
    cloud.call("PUT", "/2017-10-31/functions/f/concurrency", RESERVE_NOTHING.clone()).await;
    assert_eq!(cloud.invoke("f", "1").await.status, 429);
    // 12 ms with initialization, 2 ms without, at 128 MiB; what was throttled is not billed.
    let (f, large) = (":function:f", ":function:large");
    let expected = [
        (f, "Lambda-GB-Second", 14 * 128),
        (f, "Request", 2),
        (large, "Lambda-GB-Second", 12 * 128),
        (large, "Lambda-Storage-GB-Second", 12 * 100),
        (large, "Request", 1),
    ];
    let billed = cloud.billed().await;
    assert_eq!(billed.len(), expected.len(), "{billed:?}");
    for (line, (resource, usage_type, quantity)) in billed.iter().zip(expected) {
        assert!(line.group.ends_with(resource), "{line:?}");
        assert_eq!((line.usage_type.name, line.quantity), (usage_type, quantity));
    }
}
