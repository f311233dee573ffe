//! `AWS_LAMBDA_EXEC_WRAPPER`: a program of the package or of a layer that starts the interpreter.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html>

use std::path::{Path, PathBuf};

use engine::{FunctionEngine as _, InitError};
use serde_json::json;

use crate::harness::{Bench, bench_with_pool, eventually};

const WRAPPER: &str = "#!/bin/sh\nexport WRAPPED=\"$0 $#\"\nexec \"$@\"\n";

/// In a package and in a layer; missing, and not executable.
async fn check(bench: &Bench, runtime: &str, handler: &str, code: &Path) {
    let install = |folder: &Path, name: &str, mode| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::write(folder.join(name), WRAPPER).unwrap();
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.join(name), mode).unwrap();
    };
    install(code, "wrapper", 0o755);
    install(code, "closed", 0o644);
    let layer = bench.package(&[("wrapper", WRAPPER)]);
    let run = async |wrapper: &str| {
        let (mut spec, lines) = bench.spec(runtime, handler, code);
        spec.layers = vec![layer.clone()];
        spec.environment.push(("AWS_LAMBDA_EXEC_WRAPPER".into(), wrapper.into()));
        (bench.run(spec, lines.clone()).await, lines)
    };
    for wrapper in ["/var/task/wrapper", "/opt/wrapper"] {
        let (started, lines) = run(wrapper).await;
        let Ok(function) = started else {
            panic!("{runtime}: {:?}: {:?}", started.err(), lines.texts())
        };
        let told = function.json("1").await;
        let (path, arguments) = told.as_str().unwrap().split_once(' ').unwrap();
        assert_eq!(path, wrapper, "{runtime}");
        assert!(arguments.parse::<u32>().unwrap() > 1, "{runtime}: {arguments}");
    }
    assert_eq!(run("").await.0.unwrap().json("1").await, json!(null), "{runtime}");
    for (wrapper, expected, said) in [
        ("/opt/absent", 127, "/opt/absent: does not exist"),
        ("/var/task", 127, "/var/task: does not exist"),
        ("/var/task/closed", 126, "/var/task/closed: is not an executable"),
    ] {
        let (started, lines) = run(wrapper).await;
        match started.map(|_| ()) {
            Err(InitError::Exited { status, .. }) => assert_eq!(status.code, Some(expected)),
            other => panic!("{runtime}: {wrapper}: {other:?}"),
        }
        assert_eq!(lines.texts(), [said], "{runtime}");
    }
}

/// An engine with an interpreter of this runtime that waits, which must not be taken.
async fn waiting(test: &str, runtime: &str) -> Option<Bench> {
    let bench = bench_with_pool(test, 1).await?;
    if !bench.has(runtime, test) {
        return None;
    }
    bench.engine.expect_runtime(runtime, 256);
    eventually("the pool is full", || bench.engine.pool_level() == (1, 1)).await;
    Some(bench)
}

#[tokio::test]
async fn python() {
    let Some(bench) = waiting("wrappers::python", "python3.11").await else { return };
    let source = "import os\ndef handler(event, context): return os.environ.get('WRAPPED')";
    let code = bench.package(&[("index.py", source)]);
    check(&bench, "python3.11", "index.handler", &code).await;
}

#[tokio::test]
async fn nodejs() {
    let Some(bench) = waiting("wrappers::nodejs", "nodejs20.x").await else { return };
    let source = "exports.handler = async () => process.env.WRAPPED;";
    let code = bench.package(&[("index.js", source)]);
    check(&bench, "nodejs20.x", "index.handler", &code).await;
}

#[tokio::test]
async fn ruby() {
    let Some((bench, runtime)) = crate::ruby::ruby("wrappers::ruby", 0).await else { return };
    let source = "def handler(event:, context:) = ENV['WRAPPED']";
    let code = bench.package(&[("index.rb", source)]);
    check(&bench, runtime, "index.handler", &code).await;
}

#[tokio::test]
async fn java() {
    let Some(bench) = waiting("wrappers::java", "java17").await else { return };
    if crate::java::available(&bench, "wrappers::java").is_empty() {
        return;
    }
    let source =
        "public class F { public String run(Object event) { return System.getenv(\"WRAPPED\"); } }";
    let code = bench.package(&[]);
    crate::java::compile(&bench, "F.java", source, &code);
    check(&bench, "java17", "F::run", &code).await;
}

#[tokio::test]
async fn dotnet() {
    let Some((bench, runtime)) = crate::dotnet::dotnet("wrappers::dotnet").await else { return };
    let source = r#"
using System; using System.IO; using System.Text;
public class F {
  public static Stream Run(Stream input) {
    string wrapped = Environment.GetEnvironmentVariable("WRAPPED");
    return new MemoryStream(Encoding.UTF8.GetBytes(wrapped == null ? "null" : "\"" + wrapped + "\""));
  }
}
"#;
    let code: PathBuf = bench.package(&[]);
    crate::dotnet::compile(&code, "F", source, &["-target:library"]);
    check(&bench, runtime, "F::F::Run", &code).await;
}
