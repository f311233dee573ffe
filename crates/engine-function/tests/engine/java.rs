//! Java functions.

use std::path::Path;
use std::process::Command;

use engine::{EnvironmentSpec, FunctionEngine as _, InitError, Outcome};
use serde_json::json;

use crate::harness::{Bench, bench, bench_with_pool, eventually};

const RUNTIMES: [&str; 5] = ["java8.al2", "java11", "java17", "java21", "java25"];

const FUNCTION: &str = r#"
package example;
import com.amazonaws.services.lambda.runtime.*;
import java.io.*;
import java.nio.file.*;
import java.util.*;

public class Function implements RequestHandler<Map<String, Object>, Object> {
  static final String AT_INIT = System.getenv("N");
  public Object handleRequest(Map<String, Object> event, Context context) {
    try {
      switch (String.valueOf(event.get("kind"))) {
        case "throw": throw new IllegalStateException("bad");
        case "exit": System.exit(5);
        case "heap": List<byte[]> held = new ArrayList<>(); while (true) held.add(new byte[1 << 20]);
        case "sleep": Thread.sleep(60000);
        case "lib": return Class.forName("shared.Library").getMethod("value").invoke(null);
      }
      try (BufferedReader relative = new BufferedReader(new FileReader("config.txt"))) {
        Process child = new ProcessBuilder("/bin/sh", "-c", "echo $N; pwd").start();
        BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream()));
        System.out.println("seen " + event);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("file", relative.readLine());
        answer.put("child", Arrays.asList(out.readLine(), out.readLine()));
        answer.put("cwd", Paths.get("").toAbsolutePath().toString());
        answer.put("n", AT_INIT);
        answer.put("name", context.getFunctionName());
        answer.put("tmp", new File("/tmp").list().length);
        answer.put("heap", Runtime.getRuntime().maxMemory() >> 20);
        answer.put("options", System.getProperty("mine"));
        answer.put("lang", System.getenv("LANG"));
        answer.put("ü", new File("lib/ü").exists() && Files.exists(Paths.get("lib/ü")));
        return answer;
      }
    } catch (RuntimeException thrown) {
      throw thrown;
    } catch (Exception thrown) {
      throw new RuntimeException(thrown);
    }
  }
}
"#;

const LIBRARY: &str =
    "package shared; public class Library { public static String value() { return \"shared\"; } }";

fn run(program: &str, arguments: &[&str], folder: &Path) {
    #[expect(clippy::disallowed_methods, reason = "builds what the test runs")]
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Runtimes that are here; says which are not, and the test if there is no compiler.
pub fn available(bench: &Bench, test: &str) -> Vec<&'static str> {
    #[expect(clippy::disallowed_methods, reason = "looks for a tool of this host")]
    let compiler = Command::new("javac").arg("-version").output().is_ok();
    if !compiler {
        eprintln!("skipped: {test}: javac is not on this host");
        return Vec::new();
    }
    RUNTIMES.into_iter().filter(|runtime| bench.has(runtime, test)).collect()
}

/// Compiles one source for the oldest Java into a folder of its own.
pub fn compile(bench: &Bench, name: &str, source: &str, into: &Path) {
    let file = bench.folder.path().join(name);
    std::fs::write(&file, source).unwrap();
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtimes/java/runtime.jar");
    let (file, into) = (file.display().to_string(), into.display().to_string());
    run(
        "javac",
        &["-encoding", "UTF-8", "--release", "8", "-nowarn", "-cp", client, "-d", &into, &file],
        bench.folder.path(),
    );
}

/// A package with classes at its root and a jar in `lib`, as Gradle and Maven make them.
fn package(bench: &Bench) -> std::path::PathBuf {
    let code = bench.package(&[("config.txt", "configured"), ("lib/ü", "")]);
    compile(bench, "Function.java", FUNCTION, &code);
    let classes = bench.package(&[]);
    compile(bench, "Library.java", LIBRARY, &classes);
    let jar = code.join("lib/library.jar").display().to_string();
    run("jar", &["--create", "--file", &jar, "shared/Library.class"], &classes);
    code
}

fn spec(
    bench: &Bench,
    runtime: &str,
    code: &Path,
    n: &str,
) -> (EnvironmentSpec, std::sync::Arc<crate::harness::Lines>) {
    let (mut spec, lines) = bench.spec(runtime, "example.Function::handleRequest", code);
    spec.environment.push(("N".into(), n.into()));
    (spec, lines)
}

#[tokio::test]
async fn success_and_errors() {
    let test = "java::success_and_errors";
    let Some(bench) = bench(test).await else { return };
    for runtime in available(&bench, test) {
        let code = package(&bench);
        let (spec, lines) = spec(&bench, runtime, &code, "ü");
        let start = async || match bench.run(spec.clone(), lines.clone()).await {
            Ok(function) => function,
            Err(error) => panic!("{error:?}: {:?}", lines.texts()),
        };
        let function = start().await;
        let told = function.json("{\"a\": 1}").await;
        let heap = told["heap"].as_u64().unwrap();
        assert!((200..=217).contains(&heap), "85 % of 256 MiB: {heap}");
        assert_eq!(told["child"], json!(["ü", "/var/task"]));
        assert_eq!(
            (&told["file"], &told["n"], &told["tmp"]),
            (&json!("configured"), &json!("ü"), &json!(0))
        );
        assert_eq!(told["ü"], true);
        assert_eq!(function.json("{\"kind\": \"lib\"}").await, json!("shared"));
        assert!(lines.texts().contains(&"seen {a=1}".to_owned()));
        let (_, document) = function.error("{\"kind\": \"throw\"}").await;
        assert_eq!(document["errorType"], "java.lang.IllegalStateException");
        let (_, document) = function.error("{\"kind\": \"heap\"}").await;
        assert_eq!(document["errorType"], "java.lang.OutOfMemoryError");
        function.environment.died().await;
        let function = start().await;
        let Outcome::Exited(status) = function.invoke("{\"kind\": \"exit\"}").await.outcome else {
            panic!()
        };
        assert_eq!(status.code, Some(5));
        // A class that is missing fails each invocation, not the initialization.
        let function = bench.function(runtime, ("readme", ""), "example.Absent").await;
        let (_, document) = function.error("{}").await;
        assert_eq!(document["errorMessage"], "Class not found: example.Absent");
    }
}

#[tokio::test]
async fn waiting_machines_take_any_function() {
    let test = "java::waiting_machines_take_any_function";
    let Some(bench) = bench_with_pool(test, 1).await else { return };
    for runtime in available(&bench, test) {
        bench.engine.runtimes_changed();
        bench.engine.expect_runtime(runtime, 256);
        let code = package(&bench);
        for n in 0..3 {
            eventually("the pool is full", || bench.engine.pool_level() == (1, 1)).await;
            let (spec, lines) = spec(&bench, runtime, &code, &n.to_string());
            let function = match bench.run(spec, lines.clone()).await {
                Ok(function) => function,
                Err(error) => panic!("{error:?}: {:?}", lines.texts()),
            };
            println!("{runtime}: initialized in {:?}", function.environment.initialized().duration);
            let told = function.json("{}").await;
            assert_eq!(told["child"], json!([n.to_string(), "/var/task"]));
            assert_eq!((&told["file"], &told["n"]), (&json!("configured"), &json!(n.to_string())));
            assert_eq!(
                (&told["cwd"], &told["tmp"], &told["lang"]),
                (&json!("/var/task"), &json!(0), &json!("en_US.UTF-8"))
            );
            assert!((200..=217).contains(&told["heap"].as_u64().unwrap()), "{told}");
        }
        if runtime != "java8.al2" {
            let made = bench.folder.path().join("data/java-classes");
            let archives = std::fs::read_dir(made).unwrap().flatten();
            let archives: Vec<_> =
                archives.map(|folder| folder.path().join("runtime.jsa")).collect();
            assert!(archives.iter().any(|archive| archive.exists()), "{archives:?}");
        }
        let (mut spec, lines) = spec(&bench, runtime, &code, "x");
        spec.environment.push(("JAVA_TOOL_OPTIONS".into(), "-Dmine=yes".into()));
        let function = bench.run(spec, lines.clone()).await.unwrap();
        assert_eq!(function.json("{}").await["options"], "yes");
        assert!(lines.texts().iter().any(|line| line == "Picked up JAVA_TOOL_OPTIONS: -Dmine=yes"));
    }
}

#[tokio::test]
async fn a_class_that_cannot_be_initialized() {
    let test = "java::a_class_that_cannot_be_initialized";
    let Some(bench) = bench(test).await else { return };
    let Some(runtime) = available(&bench, test).pop() else { return };
    let code = bench.package(&[]);
    let source = "public class Broken { static { if (true) throw new RuntimeException(\"no\"); } public void go() {} }";
    compile(&bench, "Broken.java", source, &code);
    let (spec, lines) = bench.spec(runtime, "Broken::go", &code);
    match bench.run(spec, lines.clone()).await.map(|_| ()) {
        Err(InitError::Reported { error_type, body, .. }) => {
            assert_eq!(error_type, "Runtime.BadFunctionCode");
            let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(document["errorType"], "java.lang.ExceptionInInitializerError");
        }
        other => panic!("{other:?}"),
    }
    assert!(
        lines.texts()[0]
            .starts_with("Error loading class Broken: java.lang.ExceptionInInitializerError\n")
    );
}
