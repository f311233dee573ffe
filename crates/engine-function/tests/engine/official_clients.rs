//! AWS's own interface clients run unmodified.

use std::path::{Path, PathBuf};
use std::process::Command;

use engine::Outcome;
use serde_json::json;

use crate::harness::{Bench, bench};

/// A folder in which somebody has installed `awslambdaric` for Python 3.11 (`pip install --target`).
const AWSLAMBDARIC: &str = "NUAGE_TEST_AWSLAMBDARIC";

fn awslambdaric() -> Option<PathBuf> {
    let named = std::env::var_os(AWSLAMBDARIC).map(PathBuf::from);
    named.filter(|folder| folder.join("awslambdaric").is_dir())
}

const AS_BOOTSTRAP: &str = "#!/bin/sh\nexport PYTHONPATH=/opt AWS_EXECUTION_ENV=$NAME\nexec /usr/bin/python3.11 -m awslambdaric \"$_HANDLER\"\n";

/// A handler that answers with one of many values.
const VALUES: &str = include_str!("values.py");

/// What AWS's client makes of a value, ours makes of it too, to the byte.
#[tokio::test]
async fn answers_of_python_are_those_of_awslambdaric() {
    let test = "official_clients::answers_of_python_are_those_of_awslambdaric";
    let Some(bench) = bench(test).await else { return };
    let Some(client) = awslambdaric().filter(|_| Path::new("/usr/bin/python3.11").exists()) else {
        eprintln!(
            "skipped: {test}: {AWSLAMBDARIC} names no folder with awslambdaric for python3.11"
        );
        return;
    };
    let code = bench.package(&[("bootstrap", AS_BOOTSTRAP), ("index.py", VALUES)]);
    for name in ["python3.11", "python3.12"] {
        let mut functions = Vec::new();
        if !bench.has(name, test) {
            continue;
        }
        for runtime in ["provided.al2023", name] {
            let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
            if runtime != name {
                spec.layers = vec![client.clone()];
            }
            // From this AWS's client knows whether to write ASCII.
            spec.environment.push(("NAME".into(), format!("AWS_Lambda_{name}")));
            functions.push(bench.run(spec, lines).await.unwrap());
        }
        let count = functions[0].json("null").await.as_u64().unwrap();
        for index in 0..count {
            let official = functions[0].invoke(&index.to_string()).await.outcome;
            let own = functions[1].invoke(&index.to_string()).await.outcome;
            match (official, own) {
                (Outcome::Error { body, .. }, Outcome::Error { body: own, .. }) => {
                    let document = |body: &[u8]| -> serde_json::Value {
                        let mut document: serde_json::Value = serde_json::from_slice(body).unwrap();
                        document["requestId"] = json!("");
                        document
                    };
                    assert_eq!(document(&body), document(&own), "{index}");
                }
                (official, own) => assert_eq!(official, own, "{index}"),
            }
        }
    }
}

#[tokio::test]
async fn awslambdaric_as_bootstrap() {
    let test = "official_clients::awslambdaric_as_bootstrap";
    let Some(bench) = bench(test).await else { return };
    let Some(client) = awslambdaric() else {
        eprintln!("skipped: {test}: {AWSLAMBDARIC} names no folder with awslambdaric");
        return;
    };
    if !Path::new("/usr/bin/python3.11").exists() {
        eprintln!("skipped: {test}: no /usr/bin/python3.11");
        return;
    }
    let source = "import logging\ndef handler(e, c):\n  logging.warning('w')\n  if e == 1: raise KeyError('k')\n  return {'e': e, 'n': c.function_name}";
    let code = bench.package(&[("bootstrap", AS_BOOTSTRAP), ("index.py", source)]);
    let (mut spec, lines) = bench.spec("provided.al2023", "index.handler", &code);
    spec.layers = vec![client];
    let function = match bench.run(spec, lines.clone()).await {
        Ok(function) => function,
        Err(error) => panic!("{error:?}: {:?}", lines.texts()),
    };
    for n in 2..100 {
        assert_eq!(function.json(&n.to_string()).await, json!({"e": n, "n": "f"}));
    }
    let long = "x".repeat(3_000_000);
    assert_eq!(function.json(&json!(long).to_string()).await["e"], json!(long));
    let (_, document) = function.error("1").await;
    assert_eq!(document["errorType"], "KeyError");
    assert!(function.lines.texts().iter().any(|line| line.starts_with("[WARNING]\t")));
}

/// Set to 1: the tests may load AWS's clients from the languages' registries.
const REGISTRIES: &str = "NUAGE_TEST_REGISTRIES";

fn registries(test: &str) -> bool {
    let allowed = std::env::var_os(REGISTRIES).is_some_and(|value| value == "1");
    if !allowed {
        eprintln!("skipped: {test}: {REGISTRIES} is not 1");
    }
    allowed
}

fn run(folder: &Path, program: &str, arguments: &[&str]) {
    #[expect(clippy::disallowed_methods, reason = "builds what the test runs")]
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(folder).env("CGO_ENABLED", "0").output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Fifty successes, an error, and success again.
async fn try_out(bench: &Bench, code: &Path) {
    let (spec, lines) = bench.spec("provided.al2023", "x", code);
    let function = match bench.run(spec, lines.clone()).await {
        Ok(function) => function,
        Err(error) => panic!("{error:?}: {:?}", lines.texts()),
    };
    for n in 1..50 {
        assert_eq!(function.json(&json!({"n": n}).to_string()).await, json!({"n": n, "name": "f"}));
    }
    let (_, document) = function.error("{\"n\": -1}").await;
    assert!(document["errorMessage"].as_str().unwrap().contains("negative"), "{document}");
    assert_eq!(function.json("{\"n\": 7}").await, json!({"n": 7, "name": "f"}));
}

const GO: &str = r#"package main

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	N    int    `json:"n"`
	Name string `json:"name"`
}

func main() {
	lambda.Start(func(ctx context.Context, e event) (event, error) {
		if e.N < 0 {
			return e, errors.New("negative")
		}
		e.Name = lambdacontext.FunctionName
		return e, nil
	})
}
"#;

#[tokio::test]
async fn aws_lambda_go() {
    let test = "official_clients::aws_lambda_go";
    let Some(bench) = bench(test).await else { return };
    if !registries(test) {
        return;
    }
    let go = ["/usr/local/go/bin/go", "/usr/bin/go"].into_iter().find(|go| Path::new(go).exists());
    let Some(go) = go else {
        eprintln!("skipped: {test}: no go");
        return;
    };
    let source = bench.folder.path().join("go");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join("main.go"), GO).unwrap();
    run(&source, go, &["mod", "init", "example"]);
    run(&source, go, &["get", "github.com/aws/aws-lambda-go@latest"]);
    let code = bench.package(&[]);
    run(&source, go, &["build", "-o", &code.join("bootstrap").display().to_string(), "."]);
    try_out(&bench, &code).await;
}

const RUST: &str = r#"
use lambda_runtime::{service_fn, Error, LambdaEvent};
use serde_json::{json, Value};
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        let n = event.payload["n"].as_i64().unwrap_or(0);
        if n < 0 {
            return Err(Error::from("negative"));
        }
        Ok(json!({ "n": n, "name": event.context.env_config.function_name }))
    }))
    .await
}
"#;

#[tokio::test]
async fn lambda_runtime_for_rust() {
    let test = "official_clients::lambda_runtime_for_rust";
    let Some(bench) = bench(test).await else { return };
    if !registries(test) {
        return;
    }
    let source = bench.folder.path().join("rust");
    std::fs::create_dir_all(source.join("src")).unwrap();
    std::fs::write(source.join("src/main.rs"), RUST).unwrap();
    let manifest = "[package]\nname = \"bootstrap\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\n\
                    lambda_runtime = \"*\"\nserde_json = \"1\"\ntokio = { version = \"1\", features = [\"macros\", \"rt\"] }\n";
    std::fs::write(source.join("Cargo.toml"), manifest).unwrap();
    let target = source.join("target").display().to_string();
    run(&source, "cargo", &["build", "--quiet", "--target-dir", &target]);
    let code = bench.package(&[]);
    std::fs::copy(source.join("target/debug/bootstrap"), code.join("bootstrap")).unwrap();
    try_out(&bench, &code).await;
}

/// A folder with the jars of `aws-lambda-java-runtime-interface-client` and what it needs.
const MAVEN: &str = "NUAGE_TEST_MAVEN";

const JAVA: &str = r#"
import com.amazonaws.services.lambda.runtime.*;
import java.util.*;
public class Handler implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    if ((Integer) event.get("n") < 0) throw new IllegalArgumentException("negative");
    context.getLogger().log("two\nlines");
    event.put("name", context.getFunctionName());
    return event;
  }
}
"#;

#[tokio::test]
async fn java_runtime_interface_client() {
    let test = "official_clients::java_runtime_interface_client";
    let Some(bench) = bench(test).await else { return };
    let jars = std::env::var_os(MAVEN).map(PathBuf::from).unwrap_or_default();
    let jars: Vec<_> = std::fs::read_dir(jars).into_iter().flatten().flatten().collect();
    let has =
        |name: &str| jars.iter().any(|jar| jar.file_name().to_string_lossy().starts_with(name));
    if !has("aws-lambda-java-runtime-interface-client") || !has("aws-lambda-java-core") {
        eprintln!("skipped: {test}: {MAVEN} names no folder with the jars");
        return;
    }
    if !Path::new("/usr/bin/java").exists() || !Path::new("/usr/bin/javac").exists() {
        eprintln!("skipped: {test}: no /usr/bin/java and /usr/bin/javac");
        return;
    }
    let client = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";
    let bootstrap = format!(
        "#!/bin/sh\nexec /usr/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '/var/task/lib/*:/var/task' {client} \"$_HANDLER\"\n"
    );
    let code =
        bench.package(&[("bootstrap", &bootstrap), ("lib/readme", ""), ("Handler.java", JAVA)]);
    for jar in &jars {
        let copy = code.join("lib").join(jar.file_name());
        std::fs::copy(jar.path(), &copy).unwrap();
    }
    run(&code, "/usr/bin/javac", &["-cp", "lib/*", "Handler.java"]);
    let (spec, lines) = bench.spec("provided.al2023", "Handler", &code);
    let function = match bench.run(spec, lines.clone()).await {
        Ok(function) => function,
        Err(error) => panic!("{error:?}: {:?}", lines.texts()),
    };
    for n in 1..50 {
        assert_eq!(function.json(&json!({"n": n}).to_string()).await, json!({"n": n, "name": "f"}));
    }
    let (_, document) = function.error("{\"n\": -1}").await;
    assert_eq!(
        (&document["errorMessage"], &document["errorType"]),
        (&json!("negative"), &json!("java.lang.IllegalArgumentException"))
    );
    assert_eq!(function.json("{\"n\": 7}").await, json!({"n": 7, "name": "f"}));
}

/// A folder in which somebody has unpacked the gem `aws_lambda_ric`: its `lib` and `bin`.
const RUBY_CLIENT: &str = "NUAGE_TEST_AWS_LAMBDA_RIC";

#[tokio::test]
async fn aws_lambda_ric_for_ruby() {
    let test = "official_clients::aws_lambda_ric_for_ruby";
    let Some(bench) = bench(test).await else { return };
    let named = std::env::var_os(RUBY_CLIENT).map(PathBuf::from);
    let Some(client) = named.filter(|folder| folder.join("lib/aws_lambda_ric.rb").is_file()) else {
        eprintln!("skipped: {test}: {RUBY_CLIENT} names no folder with the gem");
        return;
    };
    if !Path::new("/usr/bin/ruby").exists() {
        eprintln!("skipped: {test}: no /usr/bin/ruby");
        return;
    }
    let bootstrap = "#!/bin/sh\nexec /usr/bin/ruby -I /opt/lib /opt/lib/aws_lambda_ric/bootstrap.rb \"$_HANDLER\"\n";
    let source = "def go(event:, context:)\n  raise 'negative' if event['n'] < 0\n  { n: event['n'], name: context.function_name }\nend\n";
    let code = bench.package(&[("bootstrap", bootstrap), ("index.rb", source)]);
    let (mut spec, lines) = bench.spec("provided.al2023", "index.go", &code);
    spec.layers = vec![client];
    let function = match bench.run(spec, lines.clone()).await {
        Ok(function) => function,
        Err(error) => panic!("{error:?}: {:?}", lines.texts()),
    };
    for n in 1..20 {
        assert_eq!(function.json(&json!({"n": n}).to_string()).await, json!({"n": n, "name": "f"}));
    }
    let (_, document) = function.error("{\"n\": -1}").await;
    assert_eq!(document["errorType"], "Function<RuntimeError>");
}
