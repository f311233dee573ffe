//! Python functions.

use std::time::Duration;

use engine::{FunctionEngine as _, InitError, Outcome};
use serde_json::json;

use crate::harness::{bench, bench_with_pool, eventually};

const RUNTIMES: [&str; 7] = [
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
];

/// Every version that is here runs a handler and tells what AWS's would tell.
#[tokio::test]
async fn every_version() {
    let Some(bench) = bench("python::every_version").await else { return };
    let source = r#"
import os, sys, logging
logging.getLogger().setLevel(logging.INFO)
def handler(event, context):
    logging.info("from %s", event["n"])
    print("printed")
    return {"version": "python%d.%d" % sys.version_info[:2], "path": sys.path, "cwd": os.getcwd(),
            "env": dict(os.environ), "name": context.function_name, "argv": sys.argv, "n": event["n"],
            "uid": os.getuid() != 0, "tmp": bool(open("/tmp/x", "w").write("y")), "flags": sys.flags.dev_mode}
"#;
    for runtime in RUNTIMES {
        if !bench.has(runtime, "python::every_version") {
            continue;
        }
        let function = bench.function(runtime, ("index.py", source), "index.handler").await;
        let told = function.json(r#"{"n": 7}"#).await;
        assert_eq!((&told["version"], &told["n"]), (&json!(runtime), &json!(7)));
        assert_eq!((&told["cwd"], &told["path"][0]), (&json!("/var/task"), &json!("/var/task")));
        assert_eq!((&told["name"], &told["uid"]), (&json!("f"), &json!(true)));
        let environment = told["env"].as_object().unwrap();
        let mut names: Vec<_> =
            environment.keys().map(String::as_str).filter(|name| *name != "LC_CTYPE").collect();
        names.sort_unstable();
        let expected = [
            "AWS_ACCESS_KEY_ID",
            "AWS_DEFAULT_REGION",
            "AWS_ENDPOINT_URL",
            "AWS_EXECUTION_ENV",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "AWS_LAMBDA_RUNTIME_API",
            "AWS_REGION",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "LAMBDA_RUNTIME_DIR",
            "LAMBDA_TASK_ROOT",
            "LANG",
            "LD_LIBRARY_PATH",
            "PATH",
            "PWD",
            "PYTHONPATH",
            "SHLVL",
            "TZ",
            "_HANDLER",
        ];
        assert_eq!(names, expected, "{runtime}");
        let texts = function.lines.texts();
        assert!(texts[0].starts_with("[INFO]\t") && texts[0].ends_with("\tfrom 7"), "{texts:?}");
        assert_eq!(texts[1..], ["printed"]);
    }
}

#[tokio::test]
async fn pooled_interpreters_take_any_function() {
    let Some(bench) = bench_with_pool("python::pooled_interpreters_take_any_function", 2).await
    else {
        return;
    };
    if !bench.has("python3.11", "python::pooled_interpreters_take_any_function") {
        return;
    }
    assert_eq!(bench.engine.pool_level(), (0, 0));
    bench.engine.expect_runtime("python3.11", 256);
    eventually("the pool is full", || bench.engine.pool_level() == (2, 2)).await;
    // Modules that the interpreter has loaded already are the function's own if it brings some of that name.
    let source = "import uuid, os\ndef handler(e, c): return [uuid.mine, os.environ['N'], 'wait' in __import__('sys').argv]";
    for n in 0..4 {
        let code = bench.package(&[("index.py", source), ("uuid.py", "mine = 1")]);
        let (mut spec, lines) = bench.spec("python3.11", "index.handler", &code);
        spec.environment.push(("N".into(), n.to_string()));
        let function = bench.run(spec, lines).await.unwrap();
        assert_eq!(function.json("1").await, json!([1, n.to_string(), false]));
    }
    eventually("the pool is full again", || bench.engine.pool_level() == (2, 2)).await;
    bench.engine.shut_down().await;
    assert_eq!(bench.engine.pool_level(), (0, 0));
}

#[tokio::test]
async fn errors() {
    let Some(bench) = bench("python::errors").await else { return };
    if !bench.has("python3.11", "python::errors") {
        return;
    }
    let source = "def handler(e, c):\n  if e == 1: raise ValueError('bad')\n  return {1}";
    let function = bench.function("python3.11", ("index.py", source), "index.handler").await;
    let (error_type, document) = function.error("1").await;
    assert_eq!(error_type, "ValueError");
    let trace = json!([
        "  File \"/var/task/index.py\", line 2, in handler\n    if e == 1: raise ValueError('bad')\n"
    ]);
    assert_eq!((&document["errorMessage"], &document["stackTrace"]), (&json!("bad"), &trace));
    assert_eq!(function.error("2").await.0, "Runtime.MarshalError");
    // From this version on characters are written as they are, and half of one cannot be.
    if bench.has("python3.12", "python::errors") {
        let half = "def handler(e, c): return chr(0xd800)";
        let function = bench.function("python3.12", ("index.py", half), "index.handler").await;
        let Outcome::Exited(status) = function.invoke("1").await.outcome else { panic!() };
        assert_eq!(status.code, Some(1));
    }
    let expected = "[ERROR] ValueError: bad\nTraceback (most recent call last):\n\u{a0}\u{a0}File \"/var/task/index.py\", \
                    line 2, in handler\n\u{a0}\u{a0}\u{a0}\u{a0}if e == 1: raise ValueError('bad')";
    assert_eq!(function.lines.texts()[0], expected);
    for (source, handler, expected) in [
        ("import absent", "index.handler", "Runtime.ImportModuleError"),
        ("", "index.handler", "Runtime.HandlerNotFound"),
        ("", "index", "Runtime.MalformedHandlerName"),
        ("def f(:", "index.handler", "Runtime.UserCodeSyntaxError"),
        ("1/0", "index.handler", "ZeroDivisionError"),
    ] {
        match bench.fails("python3.11", ("index.py", source), handler).await {
            InitError::Reported { error_type, body, .. } => {
                assert_eq!(error_type, expected);
                let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(document["errorType"], expected);
            }
            other => panic!("{other:?}"),
        }
    }
    match bench.fails("python3.11", ("index.py", "import sys; sys.exit(7)"), "index.handler").await
    {
        InitError::Exited { status, .. } => {
            assert_eq!((status.code, status.signal), (Some(7), None))
        }
        other => panic!("{other:?}"),
    }
    match bench.fails("python2.7", ("index.py", ""), "index.handler").await {
        InitError::Unavailable(unavailable) => assert!(unavailable.reason.contains("python2.7")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_aws_sdk_finds_this_cloud() {
    let Some(bench) = bench("python::the_aws_sdk_finds_this_cloud").await else { return };
    if !bench.has("python3.11", "python::the_aws_sdk_finds_this_cloud") {
        return;
    }
    let source = r#"
def handler(event, context):
    try:
        import boto3
    except ImportError:
        return None
    import os
    client = boto3.client("sts")
    return [client.get_caller_identity()["Account"], client.meta.endpoint_url, client.meta.region_name,
            os.path.dirname(boto3.__file__)]
"#;
    let function = bench.function("python3.11", ("index.py", source), "index.handler").await;
    match function.json("1").await {
        serde_json::Value::Null => {
            eprintln!("skipped: python::the_aws_sdk_finds_this_cloud: no boto3 on this host")
        }
        told => {
            assert_eq!(
                told,
                json!(["123456789012", "http://127.0.0.1:4566", "eu-west-1", "/var/runtime/boto3"])
            );
        }
    }
    // A function's own copy wins.
    let code =
        bench.package(&[("index.py", source.split("import os").next().unwrap()), ("boto3.py", "")]);
    let source = "import boto3\ndef handler(e, c): return boto3.__file__";
    std::fs::write(code.join("index.py"), source).unwrap();
    let (spec, lines) = bench.spec("python3.11", "index.handler", &code);
    let function = bench.run(spec, lines).await.unwrap();
    assert_eq!(function.json("1").await, json!("/var/task/boto3.py"));
}

#[tokio::test]
async fn layers_libraries_and_wrappers() {
    let Some(bench) = bench("python::layers_libraries_and_wrappers").await else { return };
    if !bench.has("python3.11", "python::layers_libraries_and_wrappers") {
        return;
    }
    let first =
        bench.package(&[("python/shared.py", "value = 1"), ("python/first.py", "value = 1")]);
    let second = bench
        .package(&[("python/lib/python3.11/site-packages/shared.py", "value = 2"), ("lib/x", "")]);
    let wrapper = "#!/bin/sh\nexport WRAPPED=yes\nexec \"$@\"\n";
    let source = "import shared, first, os, sys\ndef handler(e, c): return [shared.value, first.value, os.environ.get('WRAPPED'), \
                  os.environ.get('PYTHONHASHSEED'), sys.path[0], sys.argv]";
    let code = bench.package(&[("index.py", source), ("wrapper", wrapper)]);
    let (mut spec, lines) = bench.spec("python3.11", "index.handler", &code);
    spec.layers = vec![first, second];
    let function = bench.run(spec.clone(), lines.clone()).await.unwrap();
    assert_eq!(
        function.json("1").await,
        json!([2, 1, null, null, "/var/task", ["/var/runtime/bootstrap.py"]])
    );
    spec.environment.push(("AWS_LAMBDA_EXEC_WRAPPER".into(), "/var/task/wrapper".into()));
    spec.environment.push(("PYTHONHASHSEED".into(), "1".into()));
    let function = bench.run(spec.clone(), lines.clone()).await.unwrap();
    assert_eq!(
        function.json("1").await,
        json!([2, 1, "yes", "1", "/var/task", ["/var/runtime/bootstrap.py"]])
    );
    // seen: recorded, "Runtime exited with error: exit status 127".
    spec.environment.push(("AWS_LAMBDA_EXEC_WRAPPER".into(), "/var/task/absent".into()));
    match bench.run(spec, lines).await {
        Err(InitError::Exited { status, .. }) => assert_eq!(status.code, Some(127)),
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[tokio::test]
async fn exits_are_told_apart() {
    let Some(bench) = bench("python::exits_are_told_apart").await else { return };
    if !bench.has("python3.11", "python::exits_are_told_apart") {
        return;
    }
    let source = r#"
import os, sys, ctypes
def handler(event, context):
    if event == "exit": sys.exit(0)
    if event == "code": os._exit(9)
    if event == "crash": ctypes.string_at(0)
    if event == "memory":
        hold = []
        while True: hold.append(bytearray(1 << 20))
    return "alive"
"#;
    let cases = [
        ("exit", Some(0), None, false),
        ("code", Some(9), None, false),
        ("crash", None, Some(libc_sigsegv()), false),
        ("memory", None, Some(9), true),
    ];
    for (event, code, signal, out_of_memory) in cases {
        let function = bench.function("python3.11", ("index.py", source), "index.handler").await;
        let report = function.invoke(&format!("\"{event}\"")).await;
        let Outcome::Exited(status) = report.outcome else { panic!("{event}: {report:?}") };
        assert_eq!(
            (status.code, status.signal, status.out_of_memory),
            (code, signal, out_of_memory),
            "{event}"
        );
        assert!(!function.environment.is_alive());
        function.environment.died().await;
        let again = function.invoke("1").await;
        assert_eq!(again.outcome, Outcome::Exited(status));
        if out_of_memory {
            assert_eq!(report.memory_peak_bytes, 256 << 20);
        }
    }
    let function = bench.function("python3.11", ("index.py", source), "index.handler").await;
    let report = function.invoke_within("1", Duration::from_secs(5)).await;
    assert!(report.memory_peak_bytes > 1 << 20, "{report:?}");
}

fn libc_sigsegv() -> i32 {
    11
}

/// An SDK that another interpreter brought is compiled once, not by each environment.
#[tokio::test]
async fn the_aws_sdk_is_compiled_ahead() {
    let test = "python::the_aws_sdk_is_compiled_ahead";
    let Some(bench) = bench_with_pool(test, 1).await else { return };
    if !bench.has("python3.12", test) {
        return;
    }
    let source = r#"
import os
def handler(event, context):
    try:
        import boto3.session as session
    except ImportError:
        return None
    client = session.Session().client("sts")
    shown = session.Session.__init__.__code__.co_filename
    return [os.path.exists(session.__cached__), shown, client.meta.region_name]
"#;
    bench.engine.expect_runtime("python3.12", 256);
    let compiled = async {
        loop {
            let function =
                bench.function("python3.12", ("index.py", source), "index.handler").await;
            let told = function.json("1").await;
            if told.is_null() {
                eprintln!("skipped: {test}: no boto3 on this host");
                return;
            }
            assert_eq!(
                (&told[1], &told[2]),
                (&json!("/var/runtime/boto3/session.py"), &json!("eu-west-1"))
            );
            if told[0] == json!(true) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(120), compiled).await.expect("it is never compiled");
}
