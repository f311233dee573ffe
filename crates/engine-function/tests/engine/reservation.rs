//! Sandboxes that are bound to a function's files before its variables are known.

use engine::{FunctionEngine as _, Ground, InitError};
use serde_json::json;

use crate::harness::{Bench, bench_with_pool, eventually};

const RUNTIMES: [(&str, &str, &str); 2] = [
    (
        "python3.11",
        "index.py",
        r#"
import os
def handler(event, context):
    files = os.statvfs("/tmp")
    return {"late": os.environ["LATE"], "task": os.listdir("/var/task"), "opt": sorted(os.listdir("/opt")),
            "tmp_mib": files.f_blocks * files.f_frsize >> 20}
"#,
    ),
    (
        "provided.al2023",
        "bootstrap",
        r#"#!/usr/bin/python3
import http.client, json, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    response = api.getresponse()
    request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
    response.read()
    files = os.statvfs("/tmp")
    answer = {"late": os.environ["LATE"], "task": os.listdir("/var/task"), "opt": sorted(os.listdir("/opt")),
              "tmp_mib": files.f_blocks * files.f_frsize >> 20}
    api.request("POST", f"/2018-06-01/runtime/invocation/{request_id}/response", json.dumps(answer))
    api.getresponse().read()
"#,
    ),
];

/// An engine with two sandboxes ready for `runtime`.
async fn ready(test: &str, runtime: &str) -> Option<Bench> {
    let bench = bench_with_pool(test, 2).await?;
    if !bench.has(runtime, test) {
        return None;
    }
    bench.engine.expect_runtime(runtime, 256);
    full(&bench).await;
    Some(bench)
}

async fn full(bench: &Bench) {
    eventually("the pool is full", || bench.engine.pool_level() == (2, 2)).await;
}

#[tokio::test]
async fn what_was_reserved_goes_on() {
    for (runtime, file, source) in RUNTIMES {
        let test = "reservation::what_was_reserved_goes_on";
        let Some(bench) = ready(test, runtime).await else { continue };
        let code = bench.package(&[(file, source)]);
        let layer = bench.package(&[("layer.txt", "")]);
        let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
        spec.layers = vec![layer];
        spec.ephemeral_storage_mib = 600;
        spec.reservation = bench.engine.reserve(spec.ground()).await;
        assert!(spec.reservation.is_some());
        assert_eq!(bench.engine.pool_level(), (1, 2));
        spec.environment.push(("LATE".into(), "yes".into()));
        let retried = spec.clone();
        let shown = lines.clone();
        let running = match bench.run(spec, lines).await {
            Ok(running) => running,
            Err(error) => panic!("{error:?}: {:?}", shown.texts()),
        };
        let told = running.json("1").await;
        let expected = json!({"late": "yes", "task": [file], "opt": ["layer.txt"], "tmp_mib": 600});
        assert_eq!(told, expected);
        // It is used up: whoever starts with it again gets another sandbox.
        full(&bench).await;
        let again = bench.run(retried, shown).await.expect("a second environment");
        assert_eq!(again.json("1").await, expected);
        full(&bench).await;
    }
}

#[tokio::test]
async fn variables_that_need_another_sandbox_get_it() {
    let (runtime, file, source) = RUNTIMES[0];
    let test = "reservation::variables_that_need_another_sandbox_get_it";
    let Some(bench) = ready(test, runtime).await else { return };
    let code = bench.package(&[(file, source)]);
    let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
    let ground = spec.ground();
    spec.reservation = bench.engine.reserve(ground.clone()).await;
    assert!(spec.reservation.is_some());
    let other = [("LATE", "yes"), ("PYTHONOPTIMIZE", "2")];
    spec.environment.extend(other.map(|(name, value)| (name.into(), value.into())));
    let running = bench.run(spec, lines).await.expect("it starts all the same");
    assert_eq!(running.json("1").await["late"], "yes");
    // Once is enough.
    assert!(bench.engine.reserve(ground.clone()).await.is_none());
    // Nor is one reserved where that shows in the files.
    let with_library = bench.package(&[(file, source), ("lib/library.so", "")]);
    assert!(bench.engine.reserve(Ground { code: with_library, ..ground.clone() }).await.is_none());
    let extension = bench.package(&[("extensions/one", "#!/bin/sh\n")]);
    let code = bench.package(&[(file, source)]);
    let extended = Ground { layers: vec![extension], code: code.clone(), ..ground.clone() };
    assert!(bench.engine.reserve(extended).await.is_none());
    full(&bench).await;
}

#[tokio::test]
async fn what_nobody_uses_is_reserved_once() {
    let (runtime, file, source) = RUNTIMES[0];
    let test = "reservation::what_nobody_uses_is_reserved_once";
    let Some(bench) = ready(test, runtime).await else { return };
    let code = bench.package(&[(file, source)]);
    let ground = bench.spec(runtime, "index.handler", &code).0.ground();
    let reservation = bench.engine.reserve(ground.clone()).await;
    assert!(reservation.is_some());
    assert_eq!(bench.engine.pool_level(), (1, 2));
    drop(reservation);
    full(&bench).await;
    assert!(bench.engine.reserve(ground.clone()).await.is_none());
    // Others have nothing to do with that.
    let code = bench.package(&[(file, source)]);
    assert!(bench.engine.reserve(Ground { code, ..ground }).await.is_some());
}

#[tokio::test]
async fn a_reservation_that_fails_fails_the_start() {
    let (runtime, ..) = RUNTIMES[0];
    let test = "reservation::a_reservation_that_fails_fails_the_start";
    let Some(bench) = ready(test, runtime).await else { return };
    let (mut spec, lines) = bench.spec(runtime, "index.handler", "/absent/code".as_ref());
    spec.reservation = bench.engine.reserve(spec.ground()).await;
    match bench.run(spec, lines).await {
        Err(InitError::Sandbox(cause)) => assert!(cause.contains("/absent/code"), "{cause}"),
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it came up"),
    }
    full(&bench).await;
}
