//! Environments whose interpreter is a fork of one that waited: what they must not be told from, and must not share.

use std::time::Duration;

use engine::FunctionEngine as _;
use serde_json::{Value, json};

use crate::harness::{Bench, Running, bench_with_pool, eventually};

const RUNTIME: &str = "python3.11";

/// An engine whose pool holds two forks.
async fn forks(test: &str) -> Option<Bench> {
    let bench = bench_with_pool(test, 2).await?;
    if !bench.has(RUNTIME, test) {
        return None;
    }
    if !cfg!(target_arch = "x86_64") {
        eprintln!("skipped: {test}: nothing is forked on this machine");
        return None;
    }
    engine::FunctionEngine::expect_runtime(&bench.engine, RUNTIME, 256);
    eventually("the pool is full", || bench.engine.pool_level() == (2, 2)).await;
    Some(bench)
}

async fn start(bench: &Bench, source: &str) -> Running {
    // Until what was taken has been replaced, so that each test speaks of forks.
    eventually("the pool is full", || bench.engine.pool_level() == (2, 2)).await;
    bench.function(RUNTIME, ("index.py", source), "index.handler").await
}

#[tokio::test]
async fn a_fork_is_a_program_like_any_other() {
    let Some(bench) = forks("zygote::a_fork_is_a_program_like_any_other").await else { return };
    let source = r#"
import os, sys, resource, signal
def status(name):
    return next(l.split(":")[1].split() for l in open("/proc/self/status") if l.startswith(name + ":"))
def handler(event, context):
    child = os.fork()
    if child == 0: os._exit(7)
    return {
        "forked": "_ctypes" in sys.modules,
        "ids": [os.getuid(), os.getgid(), os.getgroups(), os.getppid()],
        "capabilities": [status(n)[0].strip("0") for n in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
        "locked": [status("NoNewPrivs"), status("Seccomp")],
        "leader": os.getsid(0) == os.getpid() == os.getpgid(0),
        "files": sorted(os.readlink("/proc/self/fd/" + f).split(":")[0] for f in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + f)),
        "limits": [resource.getrlimit(kind) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC)],
        "processes": len([p for p in os.listdir("/proc") if p.isdigit()]),
        "child": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]),
        "ignored": [s.name for s in signal.Signals if signal.getsignal(s) == signal.SIG_IGN],
        "argv": sys.argv, "directory": os.getcwd(), "path": sys.path[0],
    }
"#;
    let told = start(&bench, source).await.json("1").await;
    let mut expected = start_unpooled(source).await;
    assert_eq!(told["forked"], true);
    assert_eq!(expected["forked"], false);
    expected["forked"] = Value::Bool(true);
    // Where the pooled one's descriptors lead is the same, but for the descriptor of the folder being read.
    assert_eq!(told, expected);
    assert_eq!(told["capabilities"], json!(["", "", "", "", ""]));
}

/// What the same function tells when its interpreter was executed in its sandbox.
async fn start_unpooled(source: &str) -> Value {
    let bench = crate::harness::bench("zygote::unpooled").await.expect("root, as before");
    bench.function(RUNTIME, ("index.py", source), "index.handler").await.json("1").await
}

#[tokio::test]
async fn forks_share_no_chance() {
    let Some(bench) = forks("zygote::forks_share_no_chance").await else { return };
    let source = r#"
import os, random, uuid, ssl, hashlib, tempfile, secrets
def handler(event, context):
    return [random.random(), random.getrandbits(64), str(uuid.uuid4()), str(uuid.uuid1()), ssl.RAND_bytes(16).hex(), secrets.token_hex(),
            os.path.basename(tempfile.mktemp()), os.urandom(8).hex()]
"#;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..6 {
        let told = start(&bench, source).await.json("1").await;
        for value in told.as_array().unwrap() {
            assert!(seen.insert(value.to_string()), "{value} came twice");
        }
    }
}

#[tokio::test]
async fn a_fork_dies_and_the_others_live() {
    let Some(bench) = forks("zygote::a_fork_dies_and_the_others_live").await else { return };
    let source =
        "import os\ndef handler(e, c):\n  if e == 'die': os._exit(3)\n  return os.getpid()";
    let first = start(&bench, source).await;
    let second = start(&bench, source).await;
    // Their process ids are those of their own namespaces.
    assert_eq!(first.json("1").await, second.json("1").await);
    let report = first.invoke("\"die\"").await;
    let engine::Outcome::Exited(status) = report.outcome else { panic!("{report:?}") };
    assert_eq!((status.code, status.signal), (Some(3), None));
    first.environment.died().await;
    second.json("1").await;
    // A pool that is emptied lets the zygote go, but not under the feet of those that run.
    bench.engine.runtimes_changed();
    crate::harness::sleep(Duration::from_millis(200)).await;
    second.json("1").await;
    assert!(second.environment.is_alive());
}

#[tokio::test]
async fn own_modules_win_over_what_the_zygote_loaded() {
    let Some(bench) = forks("zygote::own_modules_win_over_what_the_zygote_loaded").await else {
        return;
    };
    let code = bench.package(&[
        ("index.py", "import random, uuid\ndef handler(e, c): return [random.mine, uuid.mine]"),
        ("random.py", "mine = 1"),
        ("uuid/__init__.py", "mine = 2"),
    ]);
    let (spec, lines) = bench.spec(RUNTIME, "index.handler", &code);
    let function = bench.run(spec, lines).await.unwrap();
    assert_eq!(function.json("1").await, json!([1, 2]));
}

/// Whoever wants a fork may go away while it is made. The interpreter and its other forks do not end with it.
#[tokio::test]
async fn forks_that_nobody_waits_for_harm_no_others() {
    let test = "zygote::forks_that_nobody_waits_for_harm_no_others";
    let Some(bench) = forks(test).await else { return };
    let source =
        "import sys\ndef handler(event, context): return ['_ctypes' in sys.modules, event]";
    let kept = [start(&bench, source).await, start(&bench, source).await];
    let code = bench.package(&[("index.py", source)]);
    for round in 0..300 {
        let (spec, _lines) = bench.spec(RUNTIME, "index.handler", &code);
        let begun = bench.engine.start(spec);
        // From before the order to after the first breath.
        let patience = Duration::from_micros(round * 20);
        drop(tokio::time::timeout(patience, begun).await);
    }
    for (index, function) in kept.iter().enumerate() {
        assert!(function.environment.is_alive());
        assert_eq!(function.json(&index.to_string()).await, json!([true, index]));
    }
    // The interpreter still forks.
    assert_eq!(start(&bench, source).await.json("7").await, json!([true, 7]));
}
