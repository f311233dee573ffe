//! Extensions in real sandboxes, as layers bring them.

use std::path::PathBuf;
use std::time::Duration;

use engine::{EnvironmentSpec, InitError, Outcome, Settled};
use serde_json::{Value, json};

use crate::harness::{Bench, Lines, Running, bench, eventually};
use std::sync::Arc;

/// What the extensions of these tests share: requests to the API with the standard library alone.
const LIBRARY: &str = r#"#!/usr/bin/python3
import http.client, json, os, sys, time
NAME = os.path.basename(sys.argv[0])
def call(method, path, headers={}, body=None):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, "/2020-01-01/extension/" + path, body, headers)
    response = connection.getresponse()
    return response.status, response.read().decode(), response.headers
def register(events, name=NAME, **headers):
    status, body, headers = call("POST", "register", {"Lambda-Extension-Name": name, **headers}, json.dumps({"events": events}))
    return headers.get("Lambda-Extension-Identifier"), status, body
def next(id):
    status, body, headers = call("GET", "event/next", {"Lambda-Extension-Identifier": id})
    return json.loads(body)
def say(*words):
    sys.stdout.write(" ".join([NAME, *words]) + "\n")
    sys.stdout.flush()
"#;

const ECHO: &str =
    "import os\nprint('runtime init')\ndef handler(event, context):\n  return event\n";

/// A function whose layer has these extensions; None, with a word, where the host has no Python for them.
async fn function(
    bench: &Bench,
    test: &str,
    extensions: &[(&str, &str)],
    handler: &str,
) -> Option<(EnvironmentSpec, Arc<Lines>)> {
    if !std::path::Path::new("/usr/bin/python3").exists() {
        eprintln!("skipped: {test}: no /usr/bin/python3");
        return None;
    }
    let runtime = ["python3.11", "python3.12", "python3.13", "python3.10", "python3.14"]
        .into_iter()
        .find(|runtime| bench.engine_has(runtime));
    let Some(runtime) = runtime else {
        eprintln!("skipped: {test}: no Python runtime");
        return None;
    };
    let code = bench.package(&[("index.py", handler)]);
    let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
    spec.layers = vec![layer(bench, extensions)];
    Some((spec, lines))
}

fn layer(bench: &Bench, extensions: &[(&str, &str)]) -> PathBuf {
    let files: Vec<_> = extensions
        .iter()
        .map(|(name, source)| (format!("extensions/{name}"), format!("{LIBRARY}{source}")))
        .collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    bench.package(&files)
}

async fn started(bench: &Bench, spec: EnvironmentSpec, lines: &Arc<Lines>) -> Running {
    match bench.run(spec, lines.clone()).await {
        Ok(running) => running,
        Err(error) => panic!("{error:?}: {:?}", lines.texts()),
    }
}

async fn done(function: &Running) -> Duration {
    match function.environment.settled().await {
        Settled::Done { overhead } => overhead,
        other => panic!("{other:?}"),
    }
}

/// The lines that follow `name`, as JSON.
fn said(lines: &[String], name: &str) -> Vec<Value> {
    let of = |line: &String| {
        let text = line.strip_prefix(name)?.trim();
        Some(serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
    };
    lines.iter().filter_map(of).collect()
}

const FOLLOWS: &str = r#"
say("begins")
id, status, body = register(["INVOKE", "SHUTDOWN"], **{"Lambda-Extension-Accept-Feature": "accountId"})
say(json.dumps([status, json.loads(body), sorted(n for n in os.environ if n in ("_HANDLER", "AWS_REGION", "AWS_EXECUTION_ENV"))]))
while True:
    event = next(id)
    say(json.dumps(event))
    if event["eventType"] == "SHUTDOWN":
        time.sleep(0.05)
        say("bye")
        sys.exit(0)
    time.sleep(0.2)
"#;

#[tokio::test]
async fn an_extension_follows_the_life_of_its_environment() {
    let test = "extensions::an_extension_follows_the_life_of_its_environment";
    let Some(bench) = bench(test).await else { return };
    let Some((spec, lines)) = function(&bench, test, &[("follower", FOLLOWS)], ECHO).await else {
        return;
    };
    let function = started(&bench, spec, &lines).await;
    let report = function.invoke("7").await;
    assert_eq!(report.outcome, Outcome::Response("7".into()));
    assert!(report.busy.extensions);
    assert!(done(&function).await > Duration::ZERO);
    let texts = lines.texts();
    let at = |text: &str| texts.iter().position(|line| line.contains(text)).expect(text);
    // The extension registers before the runtime begins.
    assert!(at("follower begins") < at("runtime init"), "{texts:?}");
    let said = said(&texts, "follower");
    let identity = json!({
        "functionName": "f",
        "functionVersion": "$LATEST",
        "handler": "index.handler",
        "accountId": "123456789012",
    });
    assert_eq!(said[1], json!([200, identity, ["AWS_REGION"]]));
    assert_eq!(said[2]["eventType"], "INVOKE");
    assert_eq!(said[2]["invokedFunctionArn"], "arn:aws:lambda:eu-west-1:123456789012:function:f");
    assert!(said[2]["deadlineMs"].as_u64().is_some() && said[2]["requestId"].is_string());
    function.environment.shut_down().await;
    let texts = lines.texts();
    let event: Value = serde_json::from_str(texts[0].strip_prefix("follower ").unwrap()).unwrap();
    assert_eq!(
        (&event["eventType"], &event["shutdownReason"]),
        (&json!("SHUTDOWN"), &json!("spindown"))
    );
    assert_eq!(texts[1], "follower bye");
}

/// The deadline holds for extensions too, and they are told why the environment ends.
#[tokio::test]
async fn a_timeout_ends_runtime_and_extensions() {
    let test = "extensions::a_timeout_ends_runtime_and_extensions";
    let Some(bench) = bench(test).await else { return };
    let handler = "import time\ndef handler(event, context):\n  time.sleep(event)\n";
    let extensions = [("follower", FOLLOWS)];
    let Some((spec, lines)) = function(&bench, test, &extensions, handler).await else { return };
    let function = started(&bench, spec, &lines).await;
    let report = function.invoke_within("60", Duration::from_millis(500)).await;
    assert_eq!(report.outcome, Outcome::TimedOut);
    assert!(!function.environment.is_alive());
    function.environment.died().await;
    let texts = lines.texts();
    let last = said(&texts, "follower");
    assert_eq!(last[last.len() - 2]["shutdownReason"], "timeout", "{texts:?}");

    let slow = "id, _, _ = register([\"INVOKE\"])\nnext(id)\ntime.sleep(60)\n";
    let Some((spec, lines)) = function_of(&bench, test, &[("slow", slow)]).await else { return };
    let function = started(&bench, spec, &lines).await;
    let report = function.invoke_within("1", Duration::from_millis(500)).await;
    assert_eq!(report.outcome, Outcome::Response("1".into()));
    assert_eq!(function.environment.settled().await, Settled::Ended(Outcome::TimedOut));
}

async fn function_of(
    bench: &Bench,
    test: &str,
    extensions: &[(&str, &str)],
) -> Option<(EnvironmentSpec, Arc<Lines>)> {
    function(bench, test, extensions, ECHO).await
}

#[tokio::test]
async fn extensions_that_fail() {
    let test = "extensions::extensions_that_fail";
    let Some(bench) = bench(test).await else { return };
    let cases = [
        ("crash", "sys.exit(3)\n", "Extension.Crash", "exit status 3"),
        ("ends", "id, _, _ = register([])\n", "Extension.Crash", "exit code 0"),
        (
            "reports",
            "id, _, _ = register([])\nprint(call('POST', 'init/error', {'Lambda-Extension-Identifier': id}))\n\
             print(call('POST', 'init/error', {'Lambda-Extension-Identifier': id, 'Lambda-Extension-Function-Error-Type': 'Mine.Bad'})[:2])\n\
             print(call('GET', 'event/next', {'Lambda-Extension-Identifier': id})[:2], flush=True)\nsys.exit(1)\n",
            "Extension.InitError",
            "exit status 1",
        ),
    ];
    for (name, source, error_type, cause) in cases {
        let Some((spec, lines)) = function_of(&bench, test, &[(name, source)]).await else {
            return;
        };
        match bench.run(spec, lines.clone()).await {
            Err(InitError::Extension { failure, .. }) => {
                assert_eq!((&*failure.error_type, &*failure.cause), (error_type, cause));
            }
            Err(other) => panic!("{name}: {other:?}"),
            Ok(_) => panic!("{name} came up"),
        }
        if name == "reports" {
            let texts = lines.texts().join("\n");
            for part in ["Extension.MissingHeader", "(202, ", "from InitError to Ready", "403"] {
                assert!(texts.contains(part), "{part}: {texts}");
            }
        }
    }
    // While a function runs.
    let source = "id, _, _ = register(['INVOKE'])\nnext(id)\n\
                  call('POST', 'exit/error', {'Lambda-Extension-Identifier': id, 'Lambda-Extension-Function-Error-Type': 'Mine.Worse'})\n\
                  sys.exit(2)\n";
    let handler = "import time\ndef handler(event, context):\n  time.sleep(30)\n";
    let Some((spec, lines)) = function(&bench, test, &[("exits", source)], handler).await else {
        return;
    };
    let function = started(&bench, spec, &lines).await;
    match function.invoke("1").await.outcome {
        Outcome::ExtensionFailed(failure) => {
            assert_eq!(failure.error_type, "Extension.ExitError");
            assert_eq!(failure.cause, "exit status 2");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn extensions_that_cannot_be_launched() {
    let test = "extensions::extensions_that_cannot_be_launched";
    let Some(bench) = bench(test).await else { return };
    let missing = bench.package(&[("extensions/gone", "#!/no/such/interpreter\n")]);
    let unreadable = bench.package(&[("extensions/plain", "no program")]);
    let many: Vec<_> = (0..11).map(|n| (format!("extensions/e{n}"), "#!/bin/sh\n")).collect();
    let many: Vec<_> = many.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let many = bench.package(&many);
    let cases = [
        (missing, "fork/exec /opt/extensions/gone: no such file or directory"),
        (unreadable, "fork/exec /opt/extensions/plain: permission denied"),
        (many, "ErrTooManyExtensions"),
    ];
    for (layer, cause) in cases {
        let Some((mut spec, lines)) = function_of(&bench, test, &[]).await else { return };
        spec.layers = vec![layer];
        match bench.run(spec, lines).await {
            Err(InitError::Extension { failure, .. }) => {
                assert_eq!(
                    (&*failure.error_type, &*failure.cause),
                    ("Extension.LaunchError", cause)
                );
            }
            Err(other) => panic!("{cause}: {other:?}"),
            Ok(_) => panic!("{cause} came up"),
        }
    }
}

/// An internal extension lives in the runtime's process; its runtime is asked to end before it is killed.
#[tokio::test]
async fn an_internal_extension() {
    let test = "extensions::an_internal_extension";
    let Some(bench) = bench(test).await else { return };
    let source = LIBRARY.replace("#!/usr/bin/python3\n", "")
        + r#"
import signal, threading
def ended(*_):
    print("terminated", flush=True)
    os._exit(0)
signal.signal(signal.SIGTERM, ended)
print(json.dumps(register(["SHUTDOWN"], name="inside")[1:]))
id, _, _ = register(["INVOKE"], name="inside")
print(call("GET", "event/next", {"Lambda-Extension-Identifier": "nonsense"})[:2])
print(call("GET", "event/next")[:2], flush=True)
def follow():
    while True:
        sys.stdout.write("inside " + json.dumps(next(id)) + "\n")
threading.Thread(target=follow, daemon=True).start()
def handler(event, context):
    return register([], name="late")[2]
"#;
    // The runtime has 150 ms to end by itself, which a busy host may not give it: then again.
    for attempt in 1.. {
        let Some((mut spec, lines)) = function(&bench, test, &[], &source).await else { return };
        spec.layers.clear();
        let function = started(&bench, spec, &lines).await;
        let late = function.json("1").await;
        assert!(late.as_str().unwrap().contains("Extension.RegistrationClosed"), "{late}");
        done(&function).await;
        function.environment.shut_down().await;
        let texts = lines.texts();
        let all = texts.join("\n");
        for part in [
            "ShutdownEventNotSupportedForInternalExtension",
            "Extension.InvalidExtensionIdentifier",
            "Extension.MissingExtensionIdentifier",
        ] {
            assert!(all.contains(part), "{part}: {all}");
        }
        assert_eq!(said(&texts, "inside")[0]["eventType"], "INVOKE", "{all}");
        if texts.contains(&"terminated".to_owned()) {
            break;
        }
        assert!(attempt < 20, "never terminated: {all}");
    }
}

const LISTENS: &str = r#"
import http.server, socket, threading
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for event in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
            say(json.dumps([self.path, event["type"], event["record"]]))
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("sandbox.localdomain", 8080), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
lines = socket.create_server(("127.0.0.1", 8081))
def read_lines():
    while True:
        connection, _ = lines.accept()
        for line in connection.makefile():
            say(json.dumps(["tcp", json.loads(line)["record"]]))
threading.Thread(target=read_lines, daemon=True).start()
id, _, _ = register(["INVOKE", "SHUTDOWN"])
def subscribe(path, **body):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request("PUT", path, json.dumps(body), {"Lambda-Extension-Identifier": id})
    answer = connection.getresponse()
    say(json.dumps(["subscribed", answer.status, json.loads(answer.read())]))
http_to = {"protocol": "HTTP", "URI": "http://sandbox.localdomain:8080/here"}
soon = {"timeoutMs": 25}
subscribe("/2022-07-01/telemetry", types=["platform"], destination=http_to)
subscribe("/2022-07-01/telemetry", schemaVersion="2022-12-13", types=["platform", "function"], destination=http_to, buffering=soon)
subscribe("/2020-08-15/logs", types=["function"], destination={"protocol": "TCP", "port": 8081}, buffering=soon)
while True:
    if next(id)["eventType"] == "SHUTDOWN":
        sys.exit(0)
    subscribe("/2020-08-15/logs", types=["function"], destination={"protocol": "TCP", "port": 8081})
    # What was printed has 25 ms to come; longer on a busy host, which the test waits for.
    time.sleep(0.3)
"#;

#[tokio::test]
async fn telemetry_reaches_its_subscribers() {
    let test = "extensions::telemetry_reaches_its_subscribers";
    let Some(bench) = bench(test).await else { return };
    let handler = "def handler(event, context):\n  print('handled', event)\n  return event\n";
    let extensions = [("listener", LISTENS)];
    let Some((spec, lines)) = function(&bench, test, &extensions, handler).await else { return };
    let function = started(&bench, spec, &lines).await;
    assert!(function.environment.has_listeners());
    function.environment.tell("platform.start", "{\"requestId\": \"r\"}");
    let mut all = Vec::new();
    let expected = [
        json!(["subscribed", 400, {
            "errorType": "ValidationError",
            "errorMessage": "schemaVersion should be one of 2022-07-01, 2022-12-13, 2025-01-29",
        }]),
        json!(["subscribed", 200, "OK"]),
        json!(["/here", "platform.telemetrySubscription",
            {"name": "listener", "state": "Subscribed", "types": ["platform", "function"]}]),
        json!(["/here", "platform.initRuntimeDone",
            {"initializationType": "on-demand", "phase": "init", "status": "success"}]),
        json!(["/here", "platform.extension",
            {"name": "listener", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"]}]),
        json!(["/here", "platform.start", {"requestId": "r"}]),
        json!(["/here", "function", "handled 1"]),
        json!(["tcp", "handled 1"]),
        json!(["subscribed", 403, {
            "errorMessage": "Logs API subscription is closed already",
            "errorType": "Logs.SubscriptionClosed",
        }]),
    ];
    for _ in 0..50 {
        function.json("1").await;
        done(&function).await;
        all.extend(lines.texts());
        let said = said(&all, "listener");
        if expected.iter().all(|expected| said.contains(expected)) {
            break;
        }
    }
    let said = said(&all, "listener");
    for expected in &expected {
        assert!(said.contains(expected), "{expected}: {all:#?}");
    }
    // The beginning was kept for whoever subscribed later.
    let first = said.iter().find(|line| line[0] == "/here").expect("something came");
    assert_eq!(first[1], "platform.initStart");
    let told = lines.platform();
    let ready = json!({ "name": "listener", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"] });
    assert!(told.contains(&("platform.extension".to_owned(), ready)), "{told:#?}");
    let kinds: Vec<_> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    let subscription = "platform.telemetrySubscription";
    assert!(kinds[0] == "platform.initStart" && kinds.contains(&subscription), "{kinds:?}");
    assert!(kinds.ends_with(&["platform.initReport"]), "{kinds:?}");
}

/// The sandbox rests while nothing is asked of it, and goes on for the next invocation.
#[tokio::test]
async fn extensions_are_frozen_with_their_runtime() {
    let test = "extensions::extensions_are_frozen_with_their_runtime";
    let Some(bench) = bench(test).await else { return };
    let source = "import threading\n\
                  def tick():\n  while True:\n    time.sleep(0.01); print('tick', flush=True)\n\
                  threading.Thread(target=tick, daemon=True).start()\n\
                  id, _, _ = register(['INVOKE'])\nwhile True: next(id)\n";
    let Some((spec, lines)) = function_of(&bench, test, &[("ticks", source)]).await else { return };
    let function = started(&bench, spec, &lines).await;
    function.json("1").await;
    done(&function).await;
    if !bench.freezes() {
        eprintln!("skipped: {test}: this host cannot freeze");
        return;
    }
    let mut quiet = 0;
    eventually("no tick while frozen", || {
        quiet = if lines.texts().is_empty() { quiet + 1 } else { 0 };
        quiet > 20
    })
    .await;
    function.json("2").await;
    done(&function).await;
}
