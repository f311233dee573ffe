//! Functions that other services invoke: what the authorizer is asked, and that it is the way of `Invoke`.

use crate::cloud::Cloud;
use base::{AccountId, Arn, Clock, Region, RequestId};
use seams::{CallCx, Caller, ContextKey, FunctionCall, FunctionInvoker};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use svc_lambda::Invoker;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111111111111:function:f";

fn arn(text: &str) -> Arn {
    Arn::parse(text).unwrap()
}

fn invoker(cloud: &Cloud) -> Invoker {
    let invoker = Invoker::default();
    invoker.connect(&cloud.lambda);
    invoker
}

/// The context of the service `name` that acts for a resource of `account`.
fn service(cloud: &Cloud, name: &str, account: &str, source: &str) -> CallCx {
    let account = AccountId::parse(account).unwrap();
    let caller = Arc::new(Caller::service(account, name));
    let id = RequestId::new(&*cloud.entropy);
    CallCx::internal(caller, Region::default(), id, cloud.clock.now(), Some(arn(source)))
}

#[tokio::test]
async fn the_functions_policy_is_asked_on_behalf_of_the_source() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({ "Publish": true })).await;
    let permission = json!({
        "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::bucket", "SourceAccount": "222222222222",
    });
    let target = "/2015-03-31/functions/f/policy?Qualifier=1";
    assert_eq!(cloud.call("POST", target, permission).await.status, 201);
    let invoker = invoker(&cloud);
    for (qualifier, has_policy) in [("", false), (":1", true)] {
        let function = arn(&format!("{FUNCTION}{qualifier}"));
        for (name, source) in [
            ("s3.amazonaws.com", "arn:aws:s3:::bucket"),
            ("sns.amazonaws.com", "arn:aws:sns:us-east-1:222222222222:topic"),
            ("events.amazonaws.com", "arn:aws:events:us-east-1:222222222222:rule/r"),
            (
                "apigateway.amazonaws.com",
                "arn:aws:execute-api:us-east-1:222222222222:api/stage/GET/",
            ),
        ] {
            let cx = service(&cloud, name, "222222222222", source);
            let call = FunctionCall {
                event_source_token: Some("token"),
                ..FunctionCall::new(&function, "{}")
            };
            invoker.send(&cx, call).await.unwrap();
            let (asked_by, asked) = cloud.authorizer.last.lock().unwrap().take().unwrap();
            assert_eq!(asked_by.caller, cx.caller);
            assert_eq!(asked_by.source_arn.unwrap().as_str(), source);
            assert_eq!(
                (&*asked.action, asked.resource.as_str()),
                ("lambda:InvokeFunction", function.as_str())
            );
            let policy = asked.resource_policy.as_deref();
            assert_eq!(policy.is_some_and(|text| text.contains("arn:aws:s3:::bucket")), has_policy);
            let token = ContextKey {
                name: "lambda:EventSourceToken".into(),
                values: vec!["token".to_string()],
            };
            assert!(asked.context.contains(&token));
        }
    }
    // Those that found no environment in time are tried again.
    for _ in 0..100 {
        cloud.clock.advance(Duration::from_secs(1));
        cloud.quiet().await;
    }
    assert_eq!(cloud.invocations(), 8);
    let invocations = cloud.engine.invocations.lock().unwrap();
    assert!(invocations.iter().any(|one| one.invoked_function_arn == format!("{FUNCTION}:1")));
}

#[tokio::test]
async fn who_waits_is_answered_and_who_is_denied_runs_nothing() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let (invoker, function) = (invoker(&cloud), arn(FUNCTION));
    let cx = service(&cloud, "logs.us-east-1.amazonaws.com", "111111111111", "arn:aws:logs:::x");
    let answer = invoker.invoke(&cx, FunctionCall::new(&function, r#"{"a":1}"#)).await.unwrap();
    assert_eq!((answer.version.as_str(), answer.function_error), ("$LATEST", None));
    invoker.check(&cx, &function).await.unwrap();
    assert_eq!(cloud.invocations(), 1);
    *cloud.authorizer.denied.lock().unwrap() = Some("lambda:InvokeFunction");
    let code = |error: seams::Error| (error.status, error.code.into_owned());
    let denied = (403, "AccessDeniedException".to_string());
    let call = || FunctionCall::new(&function, "{}");
    assert_eq!(code(invoker.check(&cx, &function).await.unwrap_err()), denied);
    assert_eq!(code(invoker.send(&cx, call()).await.unwrap_err()), denied);
    assert_eq!(code(invoker.invoke(&cx, call()).await.unwrap_err()), denied);
    cloud.quiet().await;
    assert_eq!(cloud.invocations(), 1);
}

#[tokio::test]
async fn faults_are_those_of_invoke() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let (invoker, function) = (invoker(&cloud), arn(FUNCTION));
    let cx = service(&cloud, "sns.amazonaws.com", "111111111111", "arn:aws:sns:::t");
    let code = |error: seams::Error| (error.status, error.code.into_owned());
    for missing in [
        "arn:aws:lambda:us-east-1:111111111111:function:g",
        "arn:aws:lambda:us-east-1:111111111111:function:f:9",
        "arn:aws:lambda:eu-west-1:111111111111:function:f",
        "arn:aws:sqs:us-east-1:111111111111:f",
    ] {
        let error = invoker.check(&cx, &arn(missing)).await.unwrap_err();
        assert_eq!(code(error), (404, "ResourceNotFoundException".to_string()), "{missing}");
    }
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    let error = invoker.send(&cx, FunctionCall::new(&function, large)).await.unwrap_err();
    assert_eq!(code(error), (413, "RequestTooLargeException".to_string()));
    // Nobody may invoke a function without concurrency: who waits is told, an event is given up as others are.
    let target = "/2017-10-31/functions/f/concurrency";
    let none = json!({ "ReservedConcurrentExecutions": 0 });
    assert_eq!(cloud.call("PUT", target, none).await.status, 200);
    let error = invoker.invoke(&cx, FunctionCall::new(&function, "{}")).await.unwrap_err();
    assert_eq!(code(error), (429, "TooManyRequestsException".to_string()));
    invoker.send(&cx, FunctionCall::new(&function, "{}")).await.unwrap();
    cloud.clock.advance(Duration::from_secs(1));
    cloud.quiet().await;
    assert_eq!(cloud.invocations(), 0);
}

#[tokio::test]
async fn loops_end() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let (invoker, function) = (invoker(&cloud), arn(FUNCTION));
    let mut cx = service(&cloud, "sns.amazonaws.com", "111111111111", "arn:aws:sns:::t");
    let code = |error: seams::Error| error.code.into_owned();
    let mut stopped = None;
    // A service passes on the trace of what it was called in.
    for _ in 0..40 {
        let invoked = invoker.invoke(&cx, FunctionCall::new(&function, "{}")).await;
        if let Err(error) = invoked {
            stopped = Some(code(error));
            break;
        }
        let invocations = cloud.engine.invocations.lock().unwrap().clone();
        cx.trace.incoming = invocations.last().unwrap().trace_id.as_deref().map(Into::into);
    }
    assert_eq!(stopped.as_deref(), Some("RecursiveInvocationException"));
    cx.trace.incoming = None;
    cx.hops = CallCx::HOPS_MAX;
    let error = invoker.send(&cx, FunctionCall::new(&function, "{}")).await.unwrap_err();
    assert_eq!(code(error), "RecursiveInvocationException");
}

#[tokio::test]
async fn groups_that_functions_write_to() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let own = json!({ "LoggingConfig": { "LogGroup": "own" } });
    cloud.create("g", "index.handler", own).await;
    let invoker = invoker(&cloud);
    let group = async |name: &str| {
        let function = arn(&format!("arn:aws:lambda:us-east-1:111111111111:function:{name}"));
        invoker.log_group(&function).await.unwrap()
    };
    assert_eq!(group("f").await.as_deref(), Some("/aws/lambda/f"));
    assert_eq!(group("g").await.as_deref(), Some("own"));
    assert_eq!(group("missing").await, None);
}
