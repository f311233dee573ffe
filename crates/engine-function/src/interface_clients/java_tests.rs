//! Java handlers behind our interface client. Expectations are AWS's documentation and its client's behaviour.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::JAVA;
use super::testing::{Start, is_there};
use crate::runtime_api::{Answer, InitOutcome};

const COMMAND: [&str; 6] = [
    "java",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:MaxHeapSize=64m",
    "-Dfile.encoding=UTF-8",
    "-cp",
];

fn java<'a>(files: &'a [(&'a str, &'a str)], handler: &'a str) -> Start<'a> {
    Start {
        command: &COMMAND,
        client: ("runtime.jar", JAVA),
        arguments: &["nuage.runtime.Bootstrap"],
        files,
        handler,
        environment: &[],
        build,
    }
}

/// Compiles the function once for all tests.
fn build(package: &Path, client: &Path) {
    static COMPILED: OnceLock<tempfile::TempDir> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        #[expect(clippy::disallowed_methods, reason = "builds what the test runs")]
        let mut javac = Command::new("javac");
        javac
            .args(["-encoding", "UTF-8", "-cp"])
            .arg(client)
            .arg("-d")
            .arg(folder.path())
            .arg(package.join(FILES[0].0));
        let output = javac.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    });
    let (from, to) = (compiled.path().join("example"), package.join("example"));
    std::fs::create_dir(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn can_run() -> bool {
    is_there("java") && is_there("javac")
}

const FUNCTION: &str = r#"
package example;
import com.amazonaws.services.lambda.runtime.*;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.*;
import java.util.*;

public class Function implements RequestHandler<Map<String, Object>, Object> {
  int calls;
  public Object handleRequest(Map<String, Object> event, Context context) {
    calls++;
    switch ((String) event.get("kind")) {
      case "throw": throw new IllegalStateException("some error");
      case "cause": throw new RuntimeException("outer", new IOException("inner"));
      case "silent": throw new RuntimeException();
      case "calls": return calls;
      case "null": return null;
      case "log":
        System.out.println("öut");
        context.getLogger().log("two\nlines");
        LambdaRuntime.getLogger().log("warned", LogLevel.WARN);
        return 1;
      case "memory": List<byte[]> held = new ArrayList<>(); while (true) held.add(new byte[1 << 20]);
      case "exit": System.exit(4);
      case "context":
        return Arrays.asList(context.getFunctionName(), context.getMemoryLimitInMB(), context.getAwsRequestId(),
            context.getLogGroupName(), context.getLogStreamName(), context.getFunctionVersion(),
            context.getInvokedFunctionArn(), context.getIdentity().getIdentityId(),
            context.getClientContext().getCustom().get("a"), context.getClientContext().getClient().getAppTitle(),
            context.getRemainingTimeInMillis() > 50000, context.getRemainingTimeInMillis() <= 60000,
            System.getProperty("com.amazonaws.xray.traceHeader"), context.getXrayTraceId());
      default: return event;
    }
  }
  static class Item {
    private String name; private int count; private List<Inner> inner; private boolean open; private final String hidden = "h";
    public Double ratio; private Kind kind; private Date at; private byte[] raw; private Map<String, Long> sums;
    public String getName() { return name; } public void setName(String v) { name = v; }
    public int getCount() { return count; } public void setCount(int v) { count = v; }
    public List<Inner> getInner() { return inner; } public void setInner(List<Inner> v) { inner = v; }
    public boolean isOpen() { return open; } public void setOpen(boolean v) { open = v; }
    public Kind getKind() { return kind; } public void setKind(Kind v) { kind = v; }
    public Date getAt() { return at; } public void setAt(Date v) { at = v; }
    public byte[] getRaw() { return raw; } public void setRaw(byte[] v) { raw = v; }
    public Map<String, Long> getSums() { return sums; } public void setSums(Map<String, Long> v) { sums = v; }
    public String getURL() { return "u"; }
  }
  static class Inner { public long value; }
  enum Kind { SMALL, LARGE }
  public Item item(Item item) { item.count++; return item; }
  public int plus(int n, Context context) { return n + 1; }
  public String text(String text) { return text + "!"; }
  public static List<Integer> each(List<Integer> numbers) { numbers.replaceAll(n -> n * 2); return numbers; }
  public void nothing(Object event) {}
  public Object any(Object event) { return event; }
  public String none() { return "no event"; }
  public void stream(InputStream in, OutputStream out, Context context) throws IOException {
    int b; while ((b = in.read()) >= 0) out.write(Character.toUpperCase(b));
  }
  public void over(String a, String b) {}
  public static class Streamer implements RequestStreamHandler {
    public void handleRequest(InputStream in, OutputStream out, Context c) throws IOException {
      out.write("[".getBytes()); int b; while ((b = in.read()) >= 0) out.write(b); out.write("]".getBytes());
    }
  }
  public static class Broken { static { if (true) throw new RuntimeException("static"); } public String go() { return ""; } }
  public static class Unmade { public Unmade() { throw new IllegalArgumentException("made badly"); } public String go() { return ""; } }
  static final List<String> told = new ArrayList<>();
  static class Told implements org.crac.Resource {
    final String name;
    Told(String name) { this.name = name; org.crac.Core.getGlobalContext().register(this); }
    public void beforeCheckpoint(org.crac.Context<? extends org.crac.Resource> c) { told.add("before " + name); }
    public void afterRestore(org.crac.Context<? extends org.crac.Resource> c) throws Exception {
      told.add("after " + name);
      if (name.equals("bad")) throw new Exception("on purpose");
    }
  }
  public static class Good { static { new Told("a"); new Told("b"); } public List<String> go() { return told; } }
  public static class Bad { static { new Told("bad"); } public List<String> go() { return told; } }
  public static class Raw implements RequestHandler { public Object handleRequest(Object o, Context c) { return o; } }
}
"#;

const FILES: [(&str, &str); 1] = [("Function.java", FUNCTION)];

#[tokio::test]
async fn interfaces_errors_and_logs() {
    if !can_run() {
        return;
    }
    let mut function = java(&FILES, "example.Function").ready().await;
    let event =
        json!({"kind": "echo", "a": ["ü\u{1f600}", 2.5, null, true, {"b": 12345678901_i64}]});
    assert_eq!(function.json(&event.to_string()).await, event);
    assert_eq!(function.text(r#"{"kind":"null"}"#).await, "null");
    assert_eq!(function.text(r#"{"kind":"calls"}"#).await, "3");
    let long = json!({"kind": "x".repeat(3_000_000)}).to_string();
    assert_eq!(function.text(&long).await, long);
    let (error_type, document) = function.error(r#"{"kind":"throw"}"#).await;
    assert_eq!(error_type, "Runtime.UserException");
    assert_eq!(
        (&document["errorMessage"], &document["errorType"]),
        (&json!("some error"), &json!("java.lang.IllegalStateException"))
    );
    assert_eq!(document["stackTrace"][0], "example.Function.handleRequest(Function.java:13)");
    assert!(!document.to_string().contains("nuage"), "{document}");
    let printed = function.printed();
    assert!(
        printed[0].starts_with(
            "some error: java.lang.IllegalStateException\njava.lang.IllegalStateException: some error\n\tat \
             example.Function.handleRequest(Function.java:13)\n"
        ),
        "{printed:?}"
    );
    let (_, document) = function.error(r#"{"kind":"cause"}"#).await;
    assert_eq!(
        (&document["cause"]["errorMessage"], &document["cause"]["errorType"]),
        (&json!("inner"), &json!("java.io.IOException"))
    );
    let (_, document) = function.error(r#"{"kind":"silent"}"#).await;
    assert_eq!(document["errorMessage"], "java.lang.RuntimeException");
    function.printed();
    assert_eq!(function.text(r#"{"kind":"log"}"#).await, "1");
    assert_eq!(function.printed(), ["öut", "two\nlines", "[WARN] warned"]);
    let (_, document) = function.error(r#"{"kind":"memory"}"#).await;
    assert_eq!(document["errorType"], "java.lang.OutOfMemoryError");
    assert_eq!(function.exit_code().await, Some(1));
    let mut function = java(&FILES, "example.Function").ready().await;
    let invocation = function.invocation(r#"{"kind":"exit"}"#);
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(1), function.answer(invocation))
            .await
            .is_err()
    );
    assert_eq!(function.exit_code().await, Some(4));
}

#[tokio::test]
async fn the_context() {
    if !can_run() {
        return;
    }
    let mut start = java(&FILES, "example.Function::handleRequest");
    start.environment = &[
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "s"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "ERROR"),
    ];
    let mut function = start.ready().await;
    let mut invocation = function.invocation(r#"{"kind":"context"}"#);
    invocation.trace_id = Some("Root=1-2-3".into());
    invocation.client_context = Some(r#"{"custom":{"a":"ü"},"client":{"app_title":"t"}}"#.into());
    invocation.cognito_identity =
        Some(r#"{"cognitoIdentityId":"me","cognitoIdentityPoolId":"pool"}"#.into());
    let id = invocation.request_id.to_string();
    let Answer::Response(body) = function.answer(invocation).await else { panic!() };
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let expected = json!([
        "f",
        128,
        id,
        "/aws/lambda/f",
        "s",
        "$LATEST",
        arn,
        "me",
        "ü",
        "t",
        true,
        true,
        "Root=1-2-3",
        "Root=1-2-3"
    ]);
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    function.printed();
    function.text(r#"{"kind":"log"}"#).await;
    let printed = function.printed();
    // The warning is below the level; what has none is always shown.
    assert_eq!((printed.len(), printed[0].as_str()), (2, "öut"));
    let event: Value = serde_json::from_str(&printed[1]).unwrap();
    assert_eq!((&event["message"], &event["level"]), (&json!("two\nlines"), &json!("UNDEFINED")));
    assert_eq!(event["AWSRequestId"].as_str().map(str::len), Some(36));
    assert_eq!(event["timestamp"].as_str().map(str::len), Some("2026-01-01T00:00:00.000Z".len()));
}

#[tokio::test]
async fn methods_and_their_types() {
    if !can_run() {
        return;
    }
    let cases: &[(&str, Value, Value)] = &[
        ("plus", json!(41), json!(42)),
        ("plus", json!("41"), json!(42)),
        ("plus", json!(41.9), json!(42)),
        ("text", json!("a\"\n"), json!("a\"\n!")),
        ("text", json!(12), json!("12!")),
        ("each", json!([1, 2, 3]), json!([2, 4, 6])),
        ("each", json!(7), json!([14])),
        ("nothing", json!({"a": 1}), json!(null)),
        ("none", json!({"a": 1}), json!("no event")),
        ("any", json!([1, {"b": [1.5, null]}]), json!([1, {"b": [1.5, null]}])),
        ("stream", json!("abc"), json!("ABC")),
        (
            "item",
            json!({"name": "n", "count": 1, "inner": [{"value": 5, "more": 1}], "open": true, "ratio": 0.5,
                   "kind": "LARGE", "at": "1970-01-01T00:00:01Z", "raw": "AAEC", "sums": {"a": 1}, "hidden": "x", "unknown": 1}),
            json!({"name": "n", "count": 2, "inner": [{"value": 5}], "open": true, "ratio": 0.5, "kind": "LARGE",
                   "at": 1000, "raw": "AAEC", "sums": {"a": 1}, "URL": "u"}),
        ),
        ("item", json!({"kind": "HUGE"}), json!({"count": 1, "open": false, "URL": "u"})),
    ];
    for (method, event, expected) in cases {
        let handler = format!("example.Function::{method}");
        let mut function = java(&FILES, &handler).ready().await;
        assert_eq!(function.json(&event.to_string()).await, *expected, "{method}");
    }
    let mut function = java(&FILES, "example.Function$Streamer").ready().await;
    assert_eq!(function.text("1").await, "[1]");
    let mut function = java(&FILES, "example.Function::plus").ready().await;
    let (_, document) = function.error("{}").await;
    assert_eq!(
        (&document["errorMessage"], &document["errorType"], &document["stackTrace"]),
        (
            &json!("An error occurred during JSON parsing"),
            &json!("java.lang.RuntimeException"),
            &json!([])
        )
    );
    let cause = &document["cause"]["cause"];
    let mismatch = "com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.exc.MismatchedInputException";
    assert_eq!(
        (&document["cause"]["errorType"], &cause["errorType"]),
        (&json!("java.io.UncheckedIOException"), &json!(mismatch))
    );
    assert_eq!(
        cause["errorMessage"],
        "Cannot deserialize value of type `int` from Object value (token `JsonToken.START_OBJECT`)"
    );
    let mut function = java(&FILES, "example.Function").ready().await;
    for (event, found) in [
        ("7", "Integer value (token `JsonToken.VALUE_NUMBER_INT`)"),
        ("[0.5]", "Floating-point value (token `JsonToken.VALUE_NUMBER_FLOAT`)"),
        ("[1, 2]", "Array value (token `JsonToken.START_ARRAY`)"),
        ("true", "Boolean value (token `JsonToken.VALUE_TRUE`)"),
    ] {
        let (_, document) = function.error(event).await;
        let message = document["cause"]["cause"]["errorMessage"].as_str().unwrap();
        assert!(message.ends_with(&format!(" from {found}")), "{message}");
    }
}

#[tokio::test]
async fn handlers_that_cannot_be_used() {
    if !can_run() {
        return;
    }
    for (handler, error_type, message) in [
        (
            "example.Absent::go",
            Some("java.lang.ClassNotFoundException"),
            "Class not found: example.Absent",
        ),
        (
            "example.Function::absent",
            None,
            "No public method named absent with appropriate method signature found on class example.Function",
        ),
        (
            "example.Function::over",
            None,
            "No public method named over with appropriate method signature found on class example.Function",
        ),
        ("::", None, "Invalid handler: `::'"),
        (
            "java.lang.String",
            None,
            "Class does not implement an appropriate handler interface: java.lang.String",
        ),
        (
            "example.Function$Raw",
            None,
            "Class example.Function$Raw does not implement RequestHandler with concrete type parameters",
        ),
    ] {
        let mut function = java(&FILES, handler).ready().await;
        for _ in 0..2 {
            let (reported, document) = function.error("{}").await;
            assert_eq!(reported, "Runtime.BadFunctionCode");
            assert_eq!(
                (document["errorType"].as_str(), &document["errorMessage"]),
                (error_type, &json!(message))
            );
            assert_eq!(document.get("stackTrace"), None);
        }
        assert!(function.printed().iter().any(|line| line.starts_with(message)));
    }
    for (handler, error_type, message) in [
        (
            "example.Function$Broken::go",
            "java.lang.ExceptionInInitializerError",
            "Error loading class example.Function$Broken",
        ),
        ("example.Function$Unmade::go", "java.lang.IllegalArgumentException", "made badly"),
    ] {
        let (reported, document, printed) = java(&FILES, handler).init_error().await;
        assert_eq!(reported, "Runtime.BadFunctionCode");
        assert_eq!(
            (&document["errorType"], &document["errorMessage"]),
            (&json!(error_type), &json!(message))
        );
        assert!(printed[0].starts_with(&format!("{message}: {error_type}\n")), "{printed:?}");
    }
    let (_, outcome) = java(&FILES, "example.Function").start().await;
    assert_eq!(outcome, InitOutcome::Ready);
}

/// Without a true snapshot, so that what resources open after the restoration is open.
#[tokio::test]
async fn resources_are_called_around_the_snapshot() {
    if !can_run() {
        return;
    }
    let mut start = java(&FILES, "example.Function$Good::go");
    assert_eq!(start.ready().await.json("1").await, json!([]));
    start.environment = &[("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")];
    let expected = json!(["before b", "before a", "after a", "after b"]);
    assert_eq!(start.ready().await.json("1").await, expected);
    start.handler = "example.Function$Bad::go";
    let (error_type, document, _) = start.init_error().await;
    assert_eq!(error_type, "Runtime.AfterRestoreError");
    assert_eq!(document["errorType"], "org.crac.RestoreException");
}
