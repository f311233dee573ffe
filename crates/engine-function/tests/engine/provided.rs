//! Functions that bring their own runtime.

use std::path::Path;
use std::process::Command;

use engine::{InitError, Outcome};
use serde_json::json;

use crate::harness::bench;

const SHELL: &str = r#"#!/bin/sh
set -eu
echo "init of $_HANDLER in $(pwd), $AWS_LAMBDA_RUNTIME_API"
while true; do
  HEADERS=/tmp/headers
  EVENT=$(curl -sS -LD "$HEADERS" "http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next")
  REQUEST_ID=$(grep Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  if [ "$EVENT" = '"fail"' ]; then
    curl -sS -X POST "http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/$REQUEST_ID/error" \
      -H 'Lambda-Runtime-Function-Error-Type: Mine.Bad' -d '{"errorMessage":"bad","errorType":"Bad"}'
  elif [ "$EVENT" = '"large"' ]; then
    head -c 7000000 /dev/zero | curl -sS -X POST --data-binary @- \
      "http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/$REQUEST_ID/response"
  else
    curl -sS -X POST "http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/$REQUEST_ID/response" \
      -d "{\"echo\":$EVENT}"
  fi
done
"#;

fn can_run(program: &str, test: &str) -> bool {
    #[expect(clippy::disallowed_methods, reason = "looks for a tool of this host")]
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: {test}: {program} is not on this host");
    }
    found
}

#[tokio::test]
async fn a_shell_script() {
    let test = "provided::a_shell_script";
    let Some(bench) = bench(test).await else { return };
    if !can_run("/usr/bin/curl", test) {
        return;
    }
    let function = bench.function("provided.al2023", ("bootstrap", SHELL), "mine.handler").await;
    let expected = "init of mine.handler in /var/task, 127.0.0.1:9001";
    assert_eq!(function.lines.texts(), [expected]);
    assert_eq!(function.json("{\"a\": 1}").await, json!({"echo": {"a": 1}}));
    let (error_type, document) = function.error("\"fail\"").await;
    assert_eq!((error_type.as_str(), &document["errorType"]), ("Mine.Bad", &json!("Bad")));
    assert_eq!(
        function.invoke("\"large\"").await.outcome,
        Outcome::ResponseTooLarge { bytes: 7_000_000 }
    );
    assert_eq!(function.json("2").await, json!({"echo": 2}));
    // What curl printed when its answer had been taken.
    assert!(function.lines.texts().contains(&"{\"status\":\"OK\"}".to_owned()));
}

#[tokio::test]
async fn a_bootstrap_that_cannot_start() {
    let Some(bench) = bench("provided::a_bootstrap_that_cannot_start").await else { return };
    match bench.fails("provided.al2023", ("other", ""), "h").await {
        InitError::Entrypoint { cause, .. } => {
            let expected = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
            assert_eq!(cause, expected);
        }
        other => panic!("{other:?}"),
    }
    match bench.fails("provided.al2023", ("bootstrap", "#!/bin/sh\nexit 3\n"), "h").await {
        InitError::Exited { status, .. } => assert_eq!(status.code, Some(3)),
        other => panic!("{other:?}"),
    }
    let missing = "#!/absent/interpreter\n";
    match bench.fails("provided.al2023", ("bootstrap", missing), "h").await {
        InitError::Entrypoint { cause, .. } => {
            assert_eq!(cause, "fork/exec /var/task/bootstrap: no such file or directory");
        }
        other => panic!("{other:?}"),
    }
}

/// A client in C's manner: one connection, answers in chunks.
const RUST: &str = r#"
use std::io::{BufRead, BufReader, Read, Write};
fn main() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let stream = std::net::TcpStream::connect(&api).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    let mut calls = 0;
    loop {
        write!(writer, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {api}\r\n\r\n").unwrap();
        let (head, body) = read(&mut reader);
        let id = head.lines().find_map(|l| l.strip_prefix("Lambda-Runtime-Aws-Request-Id: ")).unwrap().to_owned();
        calls += 1;
        let answer = format!("[{calls},{body}]");
        write!(writer, "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: {api}\r\n\
            Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n{:x}\r\n{}\r\n0\r\n\r\n", answer.len() - 1, &answer[1..]).unwrap();
        read(&mut reader);
    }
}
fn read(reader: &mut BufReader<std::net::TcpStream>) -> (String, String) {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 { std::process::exit(0) }
        if line == "\r\n" { break }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") { length = value.trim().parse().unwrap() }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head.replace("\r\n", "\n"), String::from_utf8(body).unwrap())
}
"#;

const GO: &str = r#"package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
)

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(base + "next")
		if err != nil {
			os.Exit(1)
		}
		event, _ := io.ReadAll(next.Body)
		next.Body.Close()
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		// A reader of unknown length is sent in chunks.
		answer := io.MultiReader(bytes.NewReader([]byte("[\"go\",")), bytes.NewReader(event), bytes.NewReader([]byte("]")))
		done, err := http.Post(base+id+"/response", "application/json", answer)
		if err != nil || done.StatusCode != 202 {
			os.Exit(2)
		}
		io.Copy(io.Discard, done.Body)
		done.Body.Close()
	}
}
"#;

#[tokio::test]
async fn a_rust_program() {
    let test = "provided::a_rust_program";
    let Some(bench) = bench(test).await else { return };
    if !can_run("rustc", test) {
        return;
    }
    let code = bench.package(&[]);
    let source = bench.folder.path().join("main.rs");
    std::fs::write(&source, RUST).unwrap();
    compile(
        "rustc",
        &["-O", "-o", &code.join("bootstrap").display().to_string(), &source.display().to_string()],
        &code,
    );
    let (spec, lines) = bench.spec("provided.al2023", "x", &code);
    let function = bench.run(spec, lines).await.unwrap();
    for n in 1..50 {
        assert_eq!(function.json("\"e\"").await, json!([n, "e"]));
    }
}

#[tokio::test]
async fn a_go_program() {
    let test = "provided::a_go_program";
    let Some(bench) = bench(test).await else { return };
    let go = ["go", "/usr/local/go/bin/go"].into_iter().find(|go| can_run(go, test));
    let Some(go) = go else { return };
    let code = bench.package(&[]);
    let source = bench.folder.path().join("main.go");
    std::fs::write(&source, GO).unwrap();
    compile(
        go,
        &[
            "build",
            "-o",
            &code.join("bootstrap").display().to_string(),
            &source.display().to_string(),
        ],
        bench.folder.path(),
    );
    let (spec, lines) = bench.spec("provided.al2", "x", &code);
    let function = bench.run(spec, lines).await.unwrap();
    for n in 1..50 {
        assert_eq!(function.json(&n.to_string()).await, json!(["go", n]));
    }
}

fn compile(program: &str, arguments: &[&str], folder: &Path) {
    #[expect(clippy::disallowed_methods, reason = "builds what the test runs")]
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("CGO_ENABLED", "0")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
