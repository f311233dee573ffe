//! The life of environments: state, freezing, deadlines, many at once, many one after the other.

use std::time::Duration;

use engine::{FunctionEngine as _, InitError, Outcome};
use serde_json::json;

use crate::harness::{bench, eventually, sleep};

const RUNTIME: &str = "python3.11";

const FUNCTION: &str = r#"
import threading, time, os, subprocess
calls = 0
ticks = 0
def tick():
    global ticks
    while True:
        ticks += 1
        time.sleep(0.001)
threading.Thread(target=tick, daemon=True).start()
def handler(event, context):
    global calls
    calls += 1
    if event == "sleep": time.sleep(60)
    if event == "children":
        subprocess.Popen(["/bin/sh", "-c", "sleep 765432 & sleep 765432"])
        time.sleep(60)
    if event == "late":
        print("late")
        return context.aws_request_id
    return [calls, ticks]
"#;

#[tokio::test]
async fn state_stays_and_nothing_runs_in_between() {
    let test = "life::state_stays_and_nothing_runs_in_between";
    let Some(bench) = bench(test).await else { return };
    if !bench.has(RUNTIME, test) {
        return;
    }
    let function = bench.function(RUNTIME, ("index.py", FUNCTION), "index.handler").await;
    let first = function.json("1").await;
    sleep(Duration::from_millis(1_500)).await;
    let second = function.json("1").await;
    assert_eq!((&first[0], &second[0]), (&json!(1), &json!(2)));
    if bench.engine.limitations().iter().any(|limit| limit.contains("frozen")) {
        eprintln!("skipped: {test}: this host cannot freeze sandboxes");
        return;
    }
    let ticked = second[1].as_u64().unwrap() - first[1].as_u64().unwrap();
    // Running all the time it would tick about a thousand times.
    assert!(ticked < 300, "it ticked {ticked} times between the invocations");
}

#[tokio::test]
async fn lines_belong_to_their_invocation() {
    let test = "life::lines_belong_to_their_invocation";
    let Some(bench) = bench(test).await else { return };
    if !bench.has(RUNTIME, test) {
        return;
    }
    let source = "print('init')\n".to_owned() + FUNCTION;
    let function = bench.function(RUNTIME, ("index.py", &source), "index.handler").await;
    for n in 0..3 {
        let id = function.json("\"late\"").await;
        let lines = function.lines.take();
        assert_eq!(lines.len(), if n == 0 { 2 } else { 1 }, "{lines:?}");
        let last = lines.last().unwrap();
        assert_eq!(
            (last.text.as_str(), last.request_id.map(|id| json!(id.to_string()))),
            ("late", Some(id))
        );
        if n == 0 {
            assert_eq!((lines[0].text.as_str(), lines[0].request_id), ("init", None));
        }
    }
}

#[tokio::test]
async fn deadlines_kill_everything() {
    let test = "life::deadlines_kill_everything";
    let Some(bench) = bench(test).await else { return };
    if !bench.has(RUNTIME, test) {
        return;
    }
    for event in ["\"sleep\"", "\"children\""] {
        let function = bench.function(RUNTIME, ("index.py", FUNCTION), "index.handler").await;
        let report = function.invoke_within(event, Duration::from_millis(700)).await;
        assert_eq!(report.outcome, Outcome::TimedOut);
        assert!(
            report.duration >= Duration::from_millis(700) && report.memory_peak_bytes > 0,
            "{report:?}"
        );
        assert!(!function.environment.is_alive());
        function.environment.died().await;
    }
    eventually("no process is left", || children_left() == 0).await;
}

/// The processes that [`FUNCTION`] starts.
fn children_left() -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let commands =
        processes.map(|entry| std::fs::read(entry.path().join("cmdline")).unwrap_or_default());
    commands.filter(|command| command.starts_with(b"sleep\x00765432\x00")).count()
}

#[tokio::test]
async fn an_abandoned_invocation_ends_the_environment() {
    let test = "life::an_abandoned_invocation_ends_the_environment";
    let Some(bench) = bench(test).await else { return };
    if !bench.has(RUNTIME, test) {
        return;
    }
    let function = bench.function(RUNTIME, ("index.py", FUNCTION), "index.handler").await;
    let waited =
        tokio::time::timeout(Duration::from_millis(300), function.invoke("\"sleep\"")).await;
    assert!(waited.is_err());
    function.environment.died().await;
    assert!(!function.environment.is_alive());
}

#[tokio::test]
async fn initialization_has_a_limit() {
    let test = "life::initialization_has_a_limit";
    let Some(bench) = bench(test).await else { return };
    if !bench.has(RUNTIME, test) {
        return;
    }
    let code = bench.package(&[("index.py", "import time\nprint('begun')\ntime.sleep(60)")]);
    let (mut spec, lines) = bench.spec(RUNTIME, "index.handler", &code);
    spec.init_timeout = Duration::from_secs(2);
    let failed = bench.run(spec, lines.clone()).await.map(|_| ());
    assert!(matches!(failed, Err(InitError::TimedOut { memory_peak_bytes: 1.. })), "{failed:?}");
    assert_eq!(lines.texts(), ["begun"]);
}

#[tokio::test]
async fn environments_work_at_the_same_time() {
    let test = "life::environments_work_at_the_same_time";
    let Some(bench) = bench(test).await else { return };
    if !bench.has(RUNTIME, test) {
        return;
    }
    let source = "import os\ndef handler(e, c):\n  open('/tmp/mine', 'a').write(e)\n  return [open('/tmp/mine').read(), os.environ['WHO']]";
    let code = bench.package(&[("index.py", source)]);
    let start = |who: &'static str| {
        let (mut spec, lines) = bench.spec(RUNTIME, "index.handler", &code);
        spec.environment.push(("WHO".into(), who.into()));
        bench.run(spec, lines)
    };
    let (a, b) = tokio::join!(start("a"), start("b"));
    let (a, b) = (a.unwrap(), b.unwrap());
    let calls = |function: crate::harness::Running, who: &'static str| async move {
        for n in 1..100 {
            let told = function.json(&json!(who).to_string()).await;
            assert_eq!(told, json!([who.repeat(n), who]));
        }
    };
    tokio::join!(calls(a, "a"), calls(b, "b"));
}

#[tokio::test]
async fn two_hundred_starts_and_stops_leave_nothing() {
    let test = "life::two_hundred_starts_and_stops_leave_nothing";
    let Some(bench) = bench(test).await else { return };
    let source = "#!/bin/sh\nexec /usr/bin/curl -s http://127.0.0.1:9001/2018-06-01/runtime/invocation/next\n";
    if !std::path::Path::new("/usr/bin/curl").exists() {
        eprintln!("skipped: {test}: curl is not on this host");
        return;
    }
    let count = || (descriptors(), control_groups(), threads());
    let code = bench.package(&[("bootstrap", source)]);
    let mut before = None;
    for n in 0..200 {
        let (spec, lines) = bench.spec("provided.al2023", "x", &code);
        let function = bench.run(spec, lines).await.unwrap();
        // Half of them are merely dropped.
        if n % 2 == 0 {
            function.environment.shut_down().await;
            function.environment.shut_down().await;
            assert!(!function.environment.is_alive());
        }
        drop(function);
        if n == 20 {
            sleep(Duration::from_millis(500)).await;
            before = Some(count());
        }
    }
    let before = before.unwrap();
    eventually("descriptors, control groups and threads are as before", || {
        let after = count();
        after.0 <= before.0 + 4 && after.1 <= before.1 + 40 && after.2 <= before.2 + 4
    })
    .await;
    bench.engine.shut_down().await;
    let (spec, lines) = bench.spec("provided.al2023", "x", &code);
    assert!(matches!(bench.run(spec, lines).await, Err(InitError::Sandbox(_))));
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Those of the whole host: other tests make some at the same time, but few.
fn control_groups() -> usize {
    let text = std::fs::read_to_string("/proc/cgroups").unwrap_or_default();
    let counts = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().nth(2)?.parse::<usize>().ok());
    counts.max().unwrap_or(0)
}
