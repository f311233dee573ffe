//! Python handlers behind our interface client. Expectations are AWS's recorded answers and its client's behaviour.

use serde_json::json;

use super::PYTHON;
use super::testing::{Start, is_there, no_build};
use crate::runtime_api::Answer;

fn python<'a>(files: &'a [(&'a str, &'a str)], handler: &'a str) -> Start<'a> {
    Start {
        command: &["python3", "-I", "-S", "-u"],
        client: ("bootstrap.py", PYTHON.as_bytes()),
        files,
        handler,
        environment: &[],
        arguments: &[],
        build: no_build,
    }
}

const FUNCTION: &str = r#"
import decimal, os
Point = __import__("collections").namedtuple("Point", "x y")
calls = 0
class Broken(Exception):
    pass
def handler(event, context):
    global calls
    calls += 1
    kind = event.get("kind") if isinstance(event, dict) else None
    if kind == "raise":
        raise Broken("some error")
    if kind == "set":
        return {1, 2}
    if kind == "decimal":
        return {"d": decimal.Decimal("1.10"), "n": decimal.Decimal("NaN"), "b": b"x", "f": float("nan"), "i": 2**70}
    if kind == "named":
        return [Point(1, [Point(2, b"x")]), {b"k": (1, 2)}]
    if kind == "boto3":
        import boto3.session
    if kind == "bytes":
        return b"\x00\xff"
    if kind == "print":
        print("a", "b")
        print("no break", end="")
    if kind == "context":
        return [context.function_name, context.memory_limit_in_mb, context.aws_request_id, context.log_group_name,
                context.log_stream_name, context.function_version, context.invoked_function_arn, context.tenant_id,
                context.identity.cognito_identity_id, context.client_context.custom["a"],
                context.client_context.client.app_title, context.get_remaining_time_in_millis() > 50000,
                os.environ.get("_X_AMZN_TRACE_ID")]
    if kind == "calls":
        return calls
    if kind == "exit":
        exit(3)
    return event
"#;

#[tokio::test]
async fn events_and_answers() {
    if !is_there("python3") {
        return;
    }
    let files = [("index.py", FUNCTION)];
    let mut function = python(&files, "index.handler").ready().await;
    assert_eq!(function.text("\"ü\u{1f600}\"").await.chars().next(), Some('"'));
    assert_eq!(
        function.json("{\"a\": [1, 2.5, null, true]}").await,
        json!({"a": [1, 2.5, null, true]})
    );
    let decimals = function.text(r#"{"kind":"decimal"}"#).await;
    let expected = r#"{"d": 1.10, "n": NaN, "b": "x", "f": NaN, "i": 1180591620717411303424}"#;
    assert_eq!(decimals, expected);
    let named = function.text(r#"{"kind":"named"}"#).await;
    assert_eq!(named, r#"[{"x": 1, "y": [{"x": 2, "y": "x"}]}, {"k": [1, 2]}]"#);
    assert_eq!(function.json(r#"{"kind":"calls"}"#).await, json!(5));
    let invocation = function.invocation(r#"{"kind":"bytes"}"#);
    assert_eq!(
        function.answer(invocation).await,
        Answer::Response(bytes::Bytes::from_static(b"\x00\xff"))
    );
    let long = format!("\"{}\"", "x".repeat(5_000_000));
    assert_eq!(function.text(&long).await, long);
    function.printed();
    function.text(r#"{"kind":"print"}"#).await;
    assert_eq!(function.printed(), ["a b", "no break"]);
    let invocation = function.invocation(r#"{"kind":"exit"}"#);
    let answered = function.answer(invocation);
    drop(tokio::time::timeout(std::time::Duration::from_millis(1), answered).await);
    assert_eq!(function.exit_code().await, Some(3));
}

/// Compares what our finder does with what the interpreter's own come to.
const FINDS: &str = r#"
import importlib, os, sys, traceback
def say(module):
    names = ["__name__", "__file__", "__cached__", "__package__", "__doc__"]
    told = [str(getattr(module, name, None)) for name in names]
    spec = module.__spec__
    told += [spec.origin, spec.has_location, spec.cached, spec.parent, spec.submodule_search_locations]
    return told + [type(module.__loader__).__name__, vars(module.__loader__), spec.loader is module.__loader__]
def again(name):
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return importlib.import_module(name)
def fails(load):
    try:
        load()
    except Exception as failure:
        frames = [(frame.filename, frame.lineno, frame.name) for frame in traceback.extract_tb(failure.__traceback__)]
        first = [name for _, _, name in frames].index("import_module")
        return [type(failure).__name__, str(failure), frames[first:]]
own = sys.modules["__main__"]
folder = os.path.dirname(os.path.abspath(__file__))
finds = lambda entries, name="index": own.find_source(folder, entries, name) is not None
def handler(event, context):
    sys.dont_write_bytecode = True
    mine = say(sys.modules["index"])
    loaded = sys.modules.pop("index")
    doubts = ["index", "index.so", "index.pyc", "index.cpython-311-x86_64-linux-gnu.so", "__pycache__"]
    answer = {
        "same": [mine, say(again("index"))],
        "raises": [fails(lambda: own.import_from(folder, ["raises.py"], "raises")), fails(lambda: again("raises"))],
        "broken": [fails(lambda: own.import_from(folder, ["broken.py"], "broken")), fails(lambda: again("broken"))],
        "finders": [type(finder).__name__ for finder in sys.meta_path if not isinstance(finder, type)],
    }
    sys.modules.pop("index")
    answer["doubtful"] = [entry for entry in doubts if finds(["index.py", entry])]
    answer["others"] = [finds(["index.py", "indexes", "index_.py", "zipped"]), finds(["a.b.py"], "a.b"), finds(["none.py"], "none")]
    sys.modules["index"] = loaded
    return answer
"#;

#[tokio::test]
async fn the_handler_is_found_as_the_interpreter_finds_it() {
    if !is_there("python3") {
        return;
    }
    let files = [("index.py", FINDS), ("raises.py", "\n1 / 0\n"), ("broken.py", "def\n")];
    let mut function = python(&files, "index.handler").ready().await;
    let answer = function.json("null").await;
    for case in ["same", "raises"] {
        assert_eq!(answer[case][0], answer[case][1], "{case}");
    }
    // Where it cannot be compiled only the error is told of, not the frames.
    let (ours, theirs) = (&answer["broken"][0], &answer["broken"][1]);
    assert_eq!((&ours[0], &ours[1]), (&theirs[0], &theirs[1]));
    assert_eq!(answer["raises"][0][0], json!("ZeroDivisionError"));
    assert_eq!(answer["finders"], json!([]));
    assert_eq!(answer["doubtful"], json!([]));
    assert_eq!(answer["others"], json!([true, false, false]));
}

#[tokio::test]
async fn the_context() {
    if !is_there("python3") {
        return;
    }
    let files = [("index.py", FUNCTION)];
    let mut start = python(&files, "index.handler");
    start.environment = &[
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "s"),
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
        "128",
        id,
        "/aws/lambda/f",
        "s",
        "$LATEST",
        arn,
        null,
        "me",
        "ü",
        "t",
        true,
        "Root=1-2-3"
    ]);
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), expected);
}

#[tokio::test]
async fn errors_of_handlers() {
    if !is_there("python3") {
        return;
    }
    let files = [("index.py", FUNCTION)];
    let mut function = python(&files, "index.handler").ready().await;
    let (error_type, document) = function.error(r#"{"kind":"raise"}"#).await;
    assert_eq!(error_type, "Broken");
    assert_eq!(
        (&document["errorMessage"], &document["errorType"]),
        (&json!("some error"), &json!("Broken"))
    );
    assert_eq!(document["requestId"].as_str().map(str::len), Some(36));
    let trace = document["stackTrace"].as_array().unwrap();
    assert_eq!(trace.len(), 1);
    let frame = trace[0].as_str().unwrap();
    assert!(
        frame.starts_with("  File \"")
            && frame.ends_with(
                "/task/index.py\", line 12, in handler\n    raise Broken(\"some error\")\n"
            ),
        "{frame}"
    );
    let printed = function.printed();
    assert_eq!(printed.len(), 1, "{printed:?}");
    let lines: Vec<_> = printed[0].split('\n').collect();
    assert_eq!(lines[..2], ["[ERROR] Broken: some error", "Traceback (most recent call last):"]);
    assert!(
        lines[2].starts_with("\u{a0}\u{a0}File \"")
            && lines[3] == "\u{a0}\u{a0}\u{a0}\u{a0}raise Broken(\"some error\")"
    );
    let (error_type, document) = function.error(r#"{"kind":"set"}"#).await;
    assert_eq!(error_type, "Runtime.MarshalError");
    assert_eq!(
        document["errorMessage"],
        "Unable to marshal response: Object of type set is not JSON serializable"
    );
    assert_eq!(document["stackTrace"], json!([]));
    let (error_type, _) = function.error("{").await;
    assert_eq!(error_type, "Runtime.UnmarshalError");
}

/// The error is what Python says of any module that is not there, and the log tells once what to do.
#[tokio::test]
async fn the_aws_sdk_is_missed() {
    if !is_there("python3") {
        return;
    }
    let files = [("index.py", FUNCTION)];
    let mut start = python(&files, "index.handler");
    start.environment = &[("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11")];
    let mut function = start.ready().await;
    let advice = "To give it to all functions, run there: nuage runtime install python3.11";
    for times in [1, 0] {
        let (error_type, document) = function.error(r#"{"kind":"boto3"}"#).await;
        assert_eq!(error_type, "ModuleNotFoundError");
        assert_eq!(document["errorMessage"], "No module named 'boto3'");
        let printed = function.printed();
        assert_eq!(printed.iter().filter(|line| line.ends_with(advice)).count(), times);
    }
    let files = [("index.py", "from botocore.config import Config")];
    let (error_type, document, printed) = python(&files, "index.handler").init_error().await;
    assert_eq!(error_type, "Runtime.ImportModuleError");
    assert_eq!(
        document["errorMessage"],
        "Unable to import module 'index': No module named 'botocore'"
    );
    assert!(printed.iter().any(|line| line.contains("nuage runtime install")), "{printed:?}");
    assert!(
        printed.iter().any(|line| line.contains("\tLAMBDA_WARNING: Unhandled exception. ")),
        "{printed:?}"
    );
}

#[tokio::test]
async fn errors_of_initialization() {
    if !is_there("python3") {
        return;
    }
    let broken: &[(&str, &str, &str, &str, &str)] = &[
        (
            "index.py",
            "",
            "absent.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'absent': No module named 'absent'",
        ),
        (
            "index.py",
            "import absent",
            "index.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'index': No module named 'absent'",
        ),
        (
            "index.py",
            "",
            "index.handler",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'index'",
        ),
        (
            "index.py",
            "",
            "index",
            "Runtime.MalformedHandlerName",
            "Bad handler 'index': not enough values to unpack (expected 2, got 1)",
        ),
        (
            "index.py",
            "",
            "sys.exit",
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module sys as a handler module",
        ),
        ("index.py", "raise ValueError('no')", "index.handler", "ValueError", "no"),
    ];
    for (name, content, handler, error_type, message) in broken {
        let files = [(*name, *content)];
        let (reported, document, printed) = python(&files, handler).init_error().await;
        assert_eq!((reported.as_str(), &document["errorType"]), (*error_type, &json!(error_type)));
        assert_eq!(document["errorMessage"], *message);
        assert_eq!(document["requestId"], "");
        assert!(
            printed
                .iter()
                .any(|line| line.starts_with(&format!("[ERROR] {error_type}: {message}"))),
            "{printed:?}"
        );
    }
    let files = [("index.py", "def f(:\n  pass")];
    let (reported, document, _) = python(&files, "index.handler").init_error().await;
    assert_eq!(reported, "Runtime.UserCodeSyntaxError");
    let message = document["errorMessage"].as_str().unwrap();
    assert!(
        message.starts_with("Syntax error in module 'index': invalid syntax (index.py, line 1)"),
        "{message}"
    );
    assert!(
        document["stackTrace"][0].as_str().unwrap().ends_with("index.py\" Line 1\n    def f(:\n"),
        "{document}"
    );
}

#[tokio::test]
async fn modules_in_folders() {
    if !is_there("python3") {
        return;
    }
    let files = [
        ("pkg/__init__.py", ""),
        ("pkg/sub.py", "def f(e, c): return __name__"),
        ("uuid.py", "mine = 1"),
    ];
    for handler in ["pkg.sub.f", "pkg/sub.f"] {
        let mut function = python(&files, handler).ready().await;
        assert_eq!(function.json("1").await, json!("pkg.sub"));
    }
}

#[tokio::test]
async fn logging() {
    if !is_there("python3") {
        return;
    }
    let source = r#"
import logging
log = logging.getLogger("mine")
log.warning("at import")
def handler(event, context):
    logging.info("hidden unless the level says otherwise")
    log.warning("two\nlines")
    context.log("raw\n")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed", extra={"more": 1})
    return len(logging.getLogger().handlers)
"#;
    let files = [("index.py", source)];
    let mut function = python(&files, "index.handler").ready().await;
    let printed = function.printed();
    assert!(printed.len() == 1 && printed[0].ends_with("Z\t\tat import"), "{printed:?}");
    let invocation = function.invocation("1");
    let id = invocation.request_id;
    assert_eq!(
        function.answer(invocation).await,
        Answer::Response(bytes::Bytes::from_static(b"1"))
    );
    let printed = function.printed();
    assert_eq!(printed.len(), 3, "{printed:?}");
    assert!(
        printed[0].starts_with("[WARNING]\t")
            && printed[0].ends_with(&format!("Z\t{id}\ttwo\nlines"))
    );
    assert_eq!(printed[1], "raw");
    assert!(
        printed[2].starts_with("[ERROR]\t")
            && printed[2].contains("\tfailed\nTraceback (most recent call last):\n")
    );

    let mut start = python(&files, "index.handler");
    start.environment = &[("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];
    let mut function = start.ready().await;
    function.printed();
    function.text("1").await;
    let printed = function.printed();
    assert_eq!(printed.len(), 4, "{printed:?}");
    let event: serde_json::Value = serde_json::from_str(&printed[3]).unwrap();
    assert_eq!(
        (&event["level"], &event["message"], &event["logger"]),
        (&json!("ERROR"), &json!("failed"), &json!("mine"))
    );
    assert_eq!((&event["errorType"], &event["more"]), (&json!("ZeroDivisionError"), &json!(1)));
    assert!(event["location"].as_str().unwrap().contains(":handler:"), "{event}");
}

/// Where no snapshot is taken, so that what is opened after the restoration is open.
#[tokio::test]
async fn hooks_without_a_snapshot() {
    if !is_there("python3") {
        return;
    }
    let hooks = super::PYTHON_HOOKS;
    let source = r#"
import snapshot_restore_py as hooks
calls = []
@hooks.register_before_snapshot
def before(): calls.append("before")
@hooks.register_after_restore
def after(): calls.append("after")
def handler(event, context): return calls
"#;
    let bad = source.replace("calls.append(\"after\")", "1 / 0");
    // The parts beside the client.
    let forks = ("../forks.py", super::PYTHON_FORKS);
    let files = [("index.py", source), ("snapshot_restore_py.py", hooks), forks];
    let mut start = python(&files, "index.handler");
    assert_eq!(start.ready().await.json("1").await, json!([]));
    start.environment = &[("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")];
    assert_eq!(start.ready().await.json("1").await, json!(["before", "after"]));
    let files = [("index.py", bad.as_str()), ("snapshot_restore_py.py", hooks), forks];
    start.files = &files;
    let (error_type, document, _) = start.init_error().await;
    // The document, which the invoker sees, names the function's own error.
    assert_eq!(
        (error_type.as_str(), &document["errorType"], &document["errorMessage"]),
        ("Runtime.AfterRestoreError", &json!("ZeroDivisionError"), &json!("division by zero"))
    );
}
