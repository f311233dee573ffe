//! Environments that take several invocations at once. The invocations of a test meet in `/tmp` of their environment: each
//! leaves a file there and answers when all of them have, so they can only end together.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use engine::{InvocationReport, LogFormat, Outcome};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::dotnet;
use crate::harness::{Bench, Lines, Running, bench};

const TOGETHER: usize = 4;

const PYTHON: &str = r#"
import logging, os, time
calls = 0
def handler(event, context):
    global calls
    calls += 1
    if event == "die":
        os._exit(3)
    logging.getLogger().warning("seen " + str(event["id"]))
    open("/tmp/%s-%d" % (event["meeting"], event["id"]), "w").close()
    while len([n for n in os.listdir("/tmp") if n.startswith(event["meeting"] + "-")]) < event["together"]:
        time.sleep(0.005)
    return {"id": event["id"], "parent": os.getppid(), "calls": calls, "request": context.aws_request_id}
"#;

const NODEJS: &str = r#"
const fs = require('fs');
exports.handler = async (event, context) => {
  if (event === 'die') setTimeout(() => { throw new Error('late'); }, 1), await new Promise(() => {});
  console.log('seen ' + event.id);
  fs.writeFileSync(`/tmp/${event.meeting}-${event.id}`, '');
  while (fs.readdirSync('/tmp').filter((n) => n.startsWith(event.meeting + '-')).length < event.together) {
    await new Promise((done) => setTimeout(done, 5));
  }
  return { id: event.id, parent: process.pid, request: context.awsRequestId };
};
"#;

const JAVA: &str = r#"
import com.amazonaws.services.lambda.runtime.*;
import java.io.File;
import java.util.*;
public class Function implements RequestHandler<Map<String, Object>, Object> {
  public Object handleRequest(Map<String, Object> event, Context context) {
    try {
      context.getLogger().log("seen " + event.get("id"));
      String meeting = event.get("meeting") + "-";
      new File("/tmp/" + meeting + event.get("id")).createNewFile();
      int together = (Integer) event.get("together");
      while (new File("/tmp").list((folder, name) -> name.startsWith(meeting)).length < together) Thread.sleep(5);
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("id", event.get("id"));
      answer.put("parent", ProcessHandle.current().pid());
      answer.put("request", context.getAwsRequestId());
      return answer;
    } catch (Exception thrown) {
      throw new RuntimeException(thrown);
    }
  }
}
"#;

const DOTNET: &str = r#"
using System; using System.IO; using System.Text; using System.Text.RegularExpressions; using System.Threading;
public class Function {
  static string Text(string json, string name) { return Regex.Match(json, "\"" + name + "\":\"?([^\",}]*)").Groups[1].Value; }
  public Stream Handle(Stream input, Amazon.Lambda.Core.ILambdaContext context) {
    string json = new StreamReader(input).ReadToEnd(), meeting = Text(json, "meeting") + "-", id = Text(json, "id");
    Console.WriteLine("seen " + id);
    File.WriteAllText("/tmp/" + meeting + id, "");
    while (Directory.GetFiles("/tmp", meeting + "*").Length < int.Parse(Text(json, "together"))) Thread.Sleep(5);
    int parent = System.Diagnostics.Process.GetCurrentProcess().Id;
    string answer = "{\"id\":" + id + ",\"parent\":" + parent + ",\"request\":\"" + context.AwsRequestId + "\"}";
    return new MemoryStream(Encoding.UTF8.GetBytes(answer));
  }
}
"#;

const BOOTSTRAP: &str = r#"#!/usr/bin/env python3
import http.client, json, os, threading, time
API = os.environ["AWS_LAMBDA_RUNTIME_API"]
def work():
    connection = http.client.HTTPConnection(API)
    while True:
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        response = connection.getresponse()
        request, event = response.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(response.read())
        if event == "hang":
            time.sleep(1)
            status = post(connection, request, {})
            print("late: %d" % status, flush=True)
            continue
        open("/tmp/%s-%d" % (event["meeting"], event["id"]), "w").close()
        while len([n for n in os.listdir("/tmp") if n.startswith(event["meeting"] + "-")]) < event["together"]:
            time.sleep(0.005)
        post(connection, request, {"id": event["id"], "parent": os.getpid(), "request": request})
def post(connection, request, answer):
    connection.request("POST", "/2018-06-01/runtime/invocation/%s/response" % request, json.dumps(answer))
    response = connection.getresponse()
    response.read()
    return response.status
for _ in range(int(os.environ["AWS_LAMBDA_MAX_CONCURRENCY"])):
    threading.Thread(target=work).start()
"#;

/// An environment of `runtime` for [`TOGETHER`] invocations at once.
async fn start(bench: &Bench, runtime: &str, code: &std::path::Path, handler: &str) -> Running {
    let (mut spec, lines) = bench.spec(runtime, handler, code);
    spec.max_concurrency = Some(TOGETHER as u32);
    spec.vcpus = Some(1.0);
    spec.memory_mib = 512;
    spec.log_format = LogFormat::Json;
    spec.environment.push(("AWS_LAMBDA_LOG_FORMAT".into(), "JSON".into()));
    let shown = Arc::clone(&lines);
    match bench.run(spec, lines).await {
        Ok(running) => running,
        Err(error) => panic!("{error:?}: {:?}", shown.texts()),
    }
}

/// Waits for a worker and gives it the event.
async fn invoke(running: &Running, event: &Value, timeout: Duration) -> InvocationReport {
    let workers = running.environment.workers().expect("it has workers");
    workers.acquire().await.expect("it lives").forget();
    running.invoke_within(&event.to_string(), timeout).await
}

/// The answers of [`TOGETHER`] invocations that wait for each other.
async fn meet(running: &Running, meeting: &str) -> Vec<Value> {
    let events =
        (0..TOGETHER).map(|id| json!({"meeting": meeting, "id": id, "together": TOGETHER}));
    let calls = events.map(|event| async move {
        match invoke(running, &event, Duration::from_secs(60)).await.outcome {
            Outcome::Response(body) => serde_json::from_slice::<Value>(&body).unwrap(),
            other => panic!("{other:?}: {:?}", running.lines.texts()),
        }
    });
    let answers = join_all(calls).await;
    for (id, answer) in answers.iter().enumerate() {
        assert_eq!((&answer["id"], &answer["parent"]), (&json!(id), &answers[0]["parent"]));
    }
    answers
}

/// Every invocation's line names the invocation.
fn check_log(lines: &Lines, answers: &[Value], id: &str) {
    let seen: Vec<Value> =
        lines.texts().iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for answer in answers {
        let text = json!(format!("seen {}", answer["id"]));
        assert!(
            seen.iter().any(|line| line["message"] == text && line[id] == answer["request"]),
            "{answer}: {seen:?}"
        );
    }
}

#[tokio::test]
async fn python_processes() {
    let test = "workers::python_processes";
    let Some(bench) = bench(test).await else { return };
    let Some(runtime) =
        ["python3.13", "python3.11", "python3.12"].into_iter().find(|r| bench.engine_has(r))
    else {
        return eprintln!("skipped: {test}: no Python");
    };
    let code = bench.package(&[("index.py", PYTHON)]);
    let running = start(&bench, runtime, &code, "index.handler").await;
    let answers = meet(&running, "first").await;
    assert!(answers.iter().all(|answer| answer["calls"] == 1), "a process each: {answers:?}");
    check_log(&running.lines, &answers, "requestId");
    // A process that dies takes its invocation with it; the others stay, and another takes its place.
    match invoke(&running, &json!("die"), Duration::from_secs(60)).await.outcome {
        Outcome::Error { error_type, body } => {
            assert_eq!(error_type, "Runtime.ExitError");
            assert!(String::from_utf8_lossy(&body).contains("exit status 3"), "{body:?}");
        }
        other => panic!("{other:?}"),
    }
    let answers = meet(&running, "second").await;
    let mut calls: Vec<i64> =
        answers.iter().filter_map(|answer| answer["calls"].as_i64()).collect();
    calls.sort_unstable();
    assert_eq!(calls, [1, 2, 2, 2]);
}

#[tokio::test]
async fn python_without_handler() {
    let test = "workers::python_without_handler";
    let Some(bench) = bench(test).await else { return };
    let Some(runtime) = ["python3.13", "python3.11"].into_iter().find(|r| bench.engine_has(r))
    else {
        return eprintln!("skipped: {test}: no Python");
    };
    let code = bench.package(&[("index.py", "import missing")]);
    let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
    spec.max_concurrency = Some(3);
    match bench.run(spec, lines).await.err() {
        Some(engine::InitError::Reported { error_type, .. }) => {
            assert_eq!(error_type, "Runtime.ImportModuleError");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nodejs_threads() {
    let test = "workers::nodejs_threads";
    let Some(bench) = bench(test).await else { return };
    let runtimes = ["nodejs22.x", "nodejs20.x", "nodejs24.x", "nodejs18.x"];
    let Some(runtime) = runtimes.into_iter().find(|runtime| bench.engine_has(runtime)) else {
        return eprintln!("skipped: {test}: no Node.js");
    };
    let code = bench.package(&[("index.js", NODEJS)]);
    let running = start(&bench, runtime, &code, "index.handler").await;
    check_log(&running.lines, &meet(&running, "first").await, "requestId");
    match invoke(&running, &json!("die"), Duration::from_secs(60)).await.outcome {
        Outcome::Error { error_type, .. } => assert_eq!(error_type, "Error"),
        other => panic!("{other:?}"),
    }
    meet(&running, "second").await;
}

#[tokio::test]
async fn java_threads() {
    let test = "workers::java_threads";
    let Some(bench) = bench(test).await else { return };
    let runtimes = ["java21", "java17", "java25"];
    let Some(runtime) = runtimes.into_iter().find(|runtime| bench.engine_has(runtime)) else {
        return eprintln!("skipped: {test}: no Java");
    };
    let code = bench.package(&[("Function.java", JAVA)]);
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtimes/java/runtime.jar");
    #[expect(clippy::disallowed_methods, reason = "compiles the function of this test")]
    let compiled =
        Command::new("javac").args(["-cp", client, "Function.java"]).current_dir(&code).status();
    if compiled.is_err() {
        return eprintln!("skipped: {test}: no javac");
    }
    let running = start(&bench, runtime, &code, "Function").await;
    check_log(&running.lines, &meet(&running, "first").await, "AWSRequestId");
    meet(&running, "second").await;
}

#[tokio::test]
async fn dotnet_threads() {
    let test = "workers::dotnet_threads";
    let Some((bench, runtime)) = dotnet::dotnet(test).await else { return };
    let code = bench.package(&[]);
    dotnet::compile(&code, "Amazon.Lambda.Core", dotnet::CORE, &["-target:library"]);
    let options = ["-target:library", "-r:Amazon.Lambda.Core.dll", "-r:System.dll"];
    dotnet::compile(&code, "Function", DOTNET, &options);
    let running = start(&bench, runtime, &code, "Function::Function::Handle").await;
    check_log(&running.lines, &meet(&running, "first").await, "requestId");
    meet(&running, "second").await;
}

/// The Runtime API alone: a program of one's own with threads. An invocation that outlives its deadline keeps its worker,
/// and neither the environment nor other invocations.
#[tokio::test]
async fn own_bootstrap() {
    let test = "workers::own_bootstrap";
    let Some(bench) = bench(test).await else { return };
    let code = bench.package(&[("bootstrap", BOOTSTRAP)]);
    let running = start(&bench, "provided.al2023", &code, "h").await;
    let answers = meet(&running, "first").await;
    assert_eq!(answers.len(), TOGETHER);
    let workers = running.environment.workers().expect("it has workers");
    let outcome = invoke(&running, &json!("hang"), Duration::from_millis(50)).await.outcome;
    assert_eq!(outcome, Outcome::TimedOut);
    assert!(running.environment.is_alive());
    // All workers but the one that still works for nobody.
    workers.acquire_many(TOGETHER as u32 - 1).await.expect("it lives").forget();
    assert!(workers.try_acquire().is_err());
    workers.add_permits(TOGETHER - 1);
    // When that comes back all of them meet again.
    meet(&running, "second").await;
    assert!(running.lines.texts().contains(&"late: 410".to_owned()), "{:?}", running.lines.texts());
    running.environment.shut_down().await;
    assert!(workers.acquire().await.is_err(), "closed with the environment");
}
