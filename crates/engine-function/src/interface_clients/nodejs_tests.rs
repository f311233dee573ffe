//! Node.js handlers behind our interface client. Expectations are AWS's recorded answers and its client's behaviour.

use serde_json::json;

use super::NODEJS;
use super::testing::{Start, is_there, no_build};
use crate::runtime_api::{Answer, InitOutcome};

fn nodejs<'a>(files: &'a [(&'a str, &'a str)], handler: &'a str) -> Start<'a> {
    Start {
        command: &["node"],
        client: ("bootstrap.cjs", NODEJS),
        files,
        handler,
        environment: &[],
        arguments: &[],
        build: no_build,
    }
}

const FUNCTION: &str = r#"
let calls = 0;
exports.handler = async (event, context) => {
  calls += 1;
  switch (event && event.kind) {
    case 'throw': throw new TypeError('some error');
    case 'reject': return Promise.reject('a text');
    case 'undefined': return undefined;
    case 'calls': return calls;
    case 'log': console.log('two\nlines', { a: 1 }); console.error('bad'); process.stdout.write('raw\n'); return 1;
    case 'context': return [context.functionName, context.memoryLimitInMB, context.awsRequestId, context.logGroupName,
      context.functionVersion, context.invokedFunctionArn, context.clientContext.custom.a,
      context.identity.cognitoIdentityId, context.getRemainingTimeInMillis() > 50000, process.env._X_AMZN_TRACE_ID];
    case 'unhandled': Promise.reject(new Error('nobody caught me')); await new Promise((r) => setTimeout(r, 1000)); return 1;
    case 'uncaught': setTimeout(() => { throw new RangeError('too far'); }, 1); await new Promise(() => {}); return 1;
    case 'exit': process.exit(4);
    default: return event;
  }
};
exports.callback = (event, context, callback) => {
  if (event === 'now') context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => console.log('late'), event === 'now' ? 10000 : 30);
  callback(event === 'fail' ? new Error('no') : null, event);
};
exports.succeed = (event, context) => context.succeed(event);
exports.silent = () => { setTimeout(() => console.log('done'), 20); };
exports.sync = (event) => 'ignored';
exports.stream = typeof awslambda === 'undefined' ? null : awslambda.streamifyResponse(async (event, stream) => {
  awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
  stream.write('a'); stream.write({ b: 1 }); stream.end();
});
let settle;
const promise = () => new Promise((resolve) => { settle = resolve; });
exports.never = async (event) => { if (event === 'wait') await promise(); settle('late'); return event; };
exports.neverStream = typeof awslambda === 'undefined' ? null : awslambda.streamifyResponse(promise);
exports.number = 5;
"#;

#[tokio::test]
async fn asynchronous_handlers() {
    if !is_there("node") {
        return;
    }
    let files = [("index.js", FUNCTION)];
    let mut function = nodejs(&files, "index.handler").ready().await;
    assert_eq!(
        function.json("{\"a\": [\"ü\u{1f600}\", 2.5, null]}").await,
        json!({"a": ["ü\u{1f600}", 2.5, null]})
    );
    assert_eq!(function.text(r#"{"kind":"undefined"}"#).await, "null");
    assert_eq!(function.json(r#"{"kind":"calls"}"#).await, json!(3));
    let long = format!("\"{}\"", "x".repeat(5_000_000));
    assert_eq!(function.text(&long).await, long);
    assert_eq!(function.text("1").await, "1");
    let (error_type, document) = function.error(r#"{"kind":"throw"}"#).await;
    assert_eq!(
        (error_type.as_str(), &document["errorMessage"]),
        ("TypeError", &json!("some error"))
    );
    assert_eq!(document["trace"][0], "TypeError: some error");
    assert!(document["trace"][1].as_str().unwrap().contains("/task/index.js:"), "{document}");
    let printed = function.printed();
    assert!(printed[0].contains("\tERROR\tInvoke Error \t{\"errorType\":\"TypeError\",\"errorMessage\":\"some error\",\"stack\":["), "{printed:?}");
    let (error_type, document) = function.error(r#"{"kind":"reject"}"#).await;
    assert_eq!(
        (error_type.as_str(), document),
        ("string", json!({"errorType":"string","errorMessage":"a text","trace":[]}))
    );
    function.printed();
    let invocation = function.invocation(r#"{"kind":"log"}"#);
    let id = invocation.request_id;
    function.answer(invocation).await;
    let printed = function.printed();
    assert_eq!(printed.len(), 3, "{printed:?}");
    assert!(printed[0].ends_with(&format!("Z\t{id}\tINFO\ttwo\nlines {{ a: 1 }}")), "{printed:?}");
    assert!(
        printed[1].ends_with(&format!("\t{id}\tERROR\tbad")) && printed[2] == "raw",
        "{printed:?}"
    );
}

#[tokio::test]
async fn the_context() {
    if !is_there("node") {
        return;
    }
    let files = [("index.js", FUNCTION)];
    let mut start = nodejs(&files, "index.handler");
    start.environment = &[
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
    ];
    let mut function = start.ready().await;
    let mut invocation = function.invocation(r#"{"kind":"context"}"#);
    invocation.trace_id = Some("Root=1-2-3".into());
    invocation.client_context = Some(r#"{"custom":{"a":"ü"}}"#.into());
    invocation.cognito_identity =
        Some(r#"{"cognitoIdentityId":"me","cognitoIdentityPoolId":"pool"}"#.into());
    let id = invocation.request_id.to_string();
    let Answer::Response(body) = function.answer(invocation).await else { panic!() };
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let expected =
        json!(["f", "128", id, "/aws/lambda/f", "$LATEST", arn, "ü", "me", true, "Root=1-2-3"]);
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), expected);
}

#[tokio::test]
async fn errors_that_nobody_catches_end_the_process() {
    if !is_there("node") {
        return;
    }
    let files = [("index.js", FUNCTION)];
    let cases = [
        ("unhandled", "Runtime.UnhandledPromiseRejection", "Error: nobody caught me", 128),
        ("uncaught", "RangeError", "too far", 129),
    ];
    for (kind, expected_type, message, code) in cases {
        let mut function = nodejs(&files, "index.handler").ready().await;
        let (error_type, document) = function.error(&json!({"kind": kind}).to_string()).await;
        assert_eq!(
            (error_type.as_str(), &document["errorMessage"]),
            (expected_type, &json!(message))
        );
        assert_eq!(function.exit_code().await, Some(code));
    }
}

#[tokio::test]
async fn callbacks_and_silence() {
    if !is_there("node") {
        return;
    }
    let files = [("index.js", FUNCTION)];
    let (mut function, outcome) = nodejs(&files, "index.callback").start().await;
    if let InitOutcome::Reported { error_type, .. } = outcome {
        // From Node.js 24 on there are no callbacks.
        assert_eq!(error_type, "Runtime.CallbackHandlerDeprecated");
        return;
    }
    // An answer waits for what the handler began, unless the handler says otherwise.
    assert_eq!(function.json("\"x\"").await, json!("x"));
    assert!(function.printed()[0].ends_with("\tINFO\tlate"));
    assert_eq!(function.json("\"now\"").await, json!("now"));
    assert!(function.printed().is_empty());
    assert_eq!(function.error("\"fail\"").await.1["errorMessage"], "no");
    let mut function = nodejs(&files, "index.succeed").ready().await;
    assert_eq!(function.json("[1]").await, json!([1]));
    let mut function = nodejs(&files, "index.silent").ready().await;
    assert_eq!(function.text("1").await, "null");
    assert!(function.printed()[0].ends_with("\tINFO\tdone"));
    assert_eq!(function.text("1").await, "null");
    let mut function = nodejs(&files, "index.sync").ready().await;
    assert_eq!(function.text("1").await, "null");
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>
#[tokio::test]
async fn promises_that_nobody_settles() {
    if !is_there("node") {
        return;
    }
    let files = [("index.js", FUNCTION)];
    for handler in ["index.never", "index.neverStream"] {
        let mut function = nodejs(&files, handler).ready().await;
        let (error_type, document) = function.error("\"wait\"").await;
        assert_eq!(
            (error_type.as_str(), &document["errorType"]),
            ("Runtime.NodeJsExit", &json!("Runtime.NodeJsExit"))
        );
        assert!(function.printed()[0].contains("\tERROR\tInvoke Error \t{\"errorType\":\""));
        if handler == "index.never" {
            // The process goes on, and an answer that comes too late is nobody's.
            assert_eq!(function.json("1").await, json!(1));
            assert_eq!(function.json("2").await, json!(2));
        }
    }
}

#[tokio::test]
async fn streams_are_collected() {
    if !is_there("node") {
        return;
    }
    let files = [("index.js", FUNCTION)];
    let mut function = nodejs(&files, "index.stream").ready().await;
    let expected = "{\"statusCode\":201}\0\0\0\0\0\0\0\0a{\"b\":1}";
    assert_eq!(function.text("1").await, expected);
    assert_eq!(function.text("1").await, expected);
}

#[tokio::test]
async fn modules() {
    if !is_there("node") {
        return;
    }
    let module = "import { hostname } from 'node:os'; export const handler = async (e) => [e, typeof hostname];";
    let script = "exports.handler = async (e) => [e, 'function'];";
    let package = "{\"type\":\"module\"}";
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("index.mjs", module)], "index.handler"),
        (&[("index.js", module), ("package.json", package)], "index.handler"),
        (&[("src/app.js", module), ("package.json", package)], "src/app.handler"),
        (&[("index.cjs", script), ("package.json", package)], "index.handler"),
        (&[("src/a.js", "exports.b = { c: async (e) => [e, 'function'] };")], "src/a.b.c"),
    ];
    for (files, handler) in cases {
        let mut function = nodejs(files, handler).ready().await;
        assert_eq!(function.json("1").await, json!([1, "function"]), "{handler}");
    }
}

#[tokio::test]
async fn errors_of_initialization() {
    if !is_there("node") {
        return;
    }
    let files = [("index.js", FUNCTION)];
    let cases = [
        ("index.absent", "Runtime.HandlerNotFound", "index.absent is undefined or not exported"),
        ("index.number", "Runtime.HandlerNotFound", "index.number is not a function"),
        ("index", "Runtime.MalformedHandlerName", "Bad handler"),
        (
            "../index.handler",
            "Runtime.MalformedHandlerName",
            "'../index.handler' is not a valid handler name.",
        ),
        (
            "absent.handler",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'absent'\nRequire stack:\n- ",
        ),
    ];
    for (handler, expected_type, message) in cases {
        let (error_type, document, printed) = nodejs(&files, handler).init_error().await;
        assert_eq!(
            (error_type.as_str(), &document["errorType"]),
            (expected_type, &json!(expected_type))
        );
        assert!(document["errorMessage"].as_str().unwrap().starts_with(message), "{document}");
        assert!(
            printed[0].contains("\tundefined\tERROR\tUncaught Exception \t{\"errorType\":\""),
            "{printed:?}"
        );
    }
    for (source, expected_type, message) in [
        (
            "exports.handler = (",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected end of input",
        ),
        ("throw new RangeError('no')", "RangeError", "no"),
        ("require('absent')", "Runtime.ImportModuleError", "Error: Cannot find module 'absent'"),
        (
            "Promise.reject(new Error('nobody caught me')); exports.handler = async () => 1",
            "Runtime.UnhandledPromiseRejection",
            "Error: nobody caught me",
        ),
    ] {
        let files = [("index.js", source)];
        let (error_type, document, _) = nodejs(&files, "index.handler").init_error().await;
        assert_eq!(error_type, expected_type);
        assert!(document["errorMessage"].as_str().unwrap().starts_with(message), "{document}");
    }
}

/// The error is what Node.js says of any module that is not there, and the log tells once what to do.
#[tokio::test]
async fn the_aws_sdk_is_missed() {
    if !is_there("node") {
        return;
    }
    let advice = "To give it to all functions, run there: nuage runtime install nodejs20.x";
    let told = |printed: &[String]| printed.iter().filter(|line| line.ends_with(advice)).count();
    let environment = [("AWS_EXECUTION_ENV", "AWS_Lambda_nodejs20.x")];
    let script = "exports.handler = async () => require('@aws-sdk/client-s3');";
    let files = [("index.js", script)];
    let start = Start { environment: &environment, ..nodejs(&files, "index.handler") };
    let mut function = start.ready().await;
    for times in [1, 0] {
        let (_, document) = function.error("1").await;
        let message = document["errorMessage"].as_str().unwrap();
        assert!(message.starts_with("Cannot find module '@aws-sdk/client-s3'"), "{message}");
        assert_eq!(told(&function.printed()), times);
    }
    let files =
        [("index.mjs", "import '@aws-sdk/client-s3'; export const handler = async () => 1;")];
    let start = Start { environment: &environment, ..nodejs(&files, "index.handler") };
    let (_, document, printed) = start.init_error().await;
    let message = document["errorMessage"].as_str().unwrap();
    assert!(message.starts_with("Cannot find package '@aws-sdk/client-s3'"), "{message}");
    assert_eq!(told(&printed), 1, "{printed:?}");
}

#[tokio::test]
async fn json_logs() {
    if !is_there("node") {
        return;
    }
    let source = "exports.handler = async () => { console.debug('x'); console.info({ a: 1 }); console.warn('n %d', 1, new Error('e')); };";
    let files = [("index.js", source)];
    let mut start = nodejs(&files, "index.handler");
    start.environment = &[("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];
    let mut function = start.ready().await;
    function.text("1").await;
    let printed = function.printed();
    assert_eq!(printed.len(), 2, "{printed:?}");
    let event: serde_json::Value = serde_json::from_str(&printed[0]).unwrap();
    assert_eq!((&event["level"], &event["message"]), (&json!("INFO"), &json!({"a": 1})));
    assert_eq!(event["requestId"].as_str().map(str::len), Some(36));
    let event: serde_json::Value = serde_json::from_str(&printed[1]).unwrap();
    assert_eq!((&event["errorType"], &event["errorMessage"]), (&json!("Error"), &json!("e")));
    assert!(event["message"].as_str().unwrap().starts_with("n 1 Error: e"));
}
