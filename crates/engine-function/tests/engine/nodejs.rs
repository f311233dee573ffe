//! Node.js functions.

use engine::{FunctionEngine as _, InitError, Outcome};
use serde_json::json;

use crate::harness::{Bench, bench, bench_with_pool, eventually};

const RUNTIMES: [&str; 5] = ["nodejs16.x", "nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"];

/// The newest that is here.
fn newest(bench: &Bench, test: &str) -> Option<&'static str> {
    RUNTIMES.into_iter().rev().find(|runtime| bench.has(runtime, test))
}

const FUNCTION: &str = r#"
exports.handler = async (event, context) => {
  if (event === 'throw') throw new TypeError('bad');
  if (event === 'unhandled') { Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 5000)); }
  if (event === 'exit') process.exit(5);
  if (event === 'memory') { const hold = []; for (;;) hold.push(Buffer.alloc(1 << 20, 1)); }
  console.log('seen', event);
  return { event, cwd: process.cwd(), name: context.functionName, node: process.env.NODE_PATH, n: process.env.N,
           argv: process.argv.slice(1) };
};
"#;

#[tokio::test]
async fn success_and_errors() {
    let test = "nodejs::success_and_errors";
    let Some(bench) = bench(test).await else { return };
    let Some(runtime) = newest(&bench, test) else { return };
    let function = bench.function(runtime, ("index.js", FUNCTION), "index.handler").await;
    let told = function.json("[1]").await;
    assert_eq!(
        (&told["event"], &told["cwd"], &told["name"]),
        (&json!([1]), &json!("/var/task"), &json!("f"))
    );
    assert!(
        told["node"]
            .as_str()
            .unwrap()
            .ends_with(":/var/runtime/node_modules:/var/runtime:/var/task")
    );
    assert!(function.lines.texts()[0].ends_with("\tINFO\tseen [ 1 ]"));
    let (error_type, document) = function.error("\"throw\"").await;
    assert_eq!((error_type.as_str(), &document["errorMessage"]), ("TypeError", &json!("bad")));
    assert!(document["trace"][1].as_str().unwrap().contains("/var/task/index.js:3:"), "{document}");
    let (error_type, _) = function.error("\"unhandled\"").await;
    assert_eq!(error_type, "Runtime.UnhandledPromiseRejection");
    function.environment.died().await;
    for (event, code, out_of_memory) in [("exit", Some(5), false), ("memory", None, true)] {
        let function = bench.function(runtime, ("index.js", FUNCTION), "index.handler").await;
        let Outcome::Exited(status) = function.invoke(&format!("\"{event}\"")).await.outcome else {
            panic!()
        };
        assert_eq!((status.code, status.out_of_memory), (code, out_of_memory), "{event}");
    }
    for (source, handler, expected) in [
        ("require('absent')", "index.handler", "Runtime.ImportModuleError"),
        ("", "index.handler", "Runtime.HandlerNotFound"),
        ("exports.handler = (", "index.handler", "Runtime.UserCodeSyntaxError"),
        ("", "../x.y", "Runtime.MalformedHandlerName"),
    ] {
        match bench.fails(runtime, ("index.js", source), handler).await {
            InitError::Reported { error_type, .. } => assert_eq!(error_type, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn pooled_processes_take_any_function() {
    let test = "nodejs::pooled_processes_take_any_function";
    let Some(bench) = bench_with_pool(test, 1).await else { return };
    let Some(runtime) = newest(&bench, test) else { return };
    bench.engine.expect_runtime(runtime, 256);
    for n in 0..3 {
        eventually("the pool is full", || bench.engine.pool_level() == (1, 1)).await;
        let code = bench.package(&[("index.js", FUNCTION)]);
        let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
        spec.environment.push(("N".into(), n.to_string()));
        let function = bench.run(spec, lines).await.unwrap();
        let told = function.json("1").await;
        assert_eq!(
            (&told["n"], &told["argv"]),
            (&json!(n.to_string()), &json!(["/var/runtime/bootstrap.cjs"]))
        );
    }
}

#[tokio::test]
async fn heaps_fit_the_memory() {
    let test = "nodejs::heaps_fit_the_memory";
    let Some(bench) = bench_with_pool(test, 1).await else { return };
    let Some(runtime) = newest(&bench, test) else { return };
    let source = "const { getHeapStatistics } = require('v8');
        exports.handler = async () => [getHeapStatistics().heap_size_limit >> 20, typeof gc,
            require('http').maxHeaderSize, process.execArgv.slice(3, 5)];";
    for (memory_mib, pooled) in [(256, true), (256, false), (512, false)] {
        if pooled {
            bench.engine.expect_runtime(runtime, memory_mib);
            eventually("the pool is full", || bench.engine.pool_level() == (1, 1)).await;
        }
        let code = bench.package(&[("index.js", source)]);
        let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
        spec.memory_mib = memory_mib;
        if !pooled {
            spec.environment.push(("NODE_OPTIONS".into(), "--no-warnings".into()));
        }
        let told = bench.run(spec, lines).await.unwrap().json("1").await;
        let heap_mib = told[0].as_u64().unwrap();
        assert!(
            (u64::from(memory_mib) * 8 / 10..u64::from(memory_mib) * 12 / 10).contains(&heap_mib),
            "{told}"
        );
        let young_mib = memory_mib / 10;
        let limits = [
            format!("--max-semi-space-size={}", young_mib / 2),
            format!("--max-old-space-size={}", memory_mib - young_mib),
        ];
        assert_eq!(
            (&told[1], &told[2], &told[3]),
            (&json!("function"), &json!(81_920), &json!(limits))
        );
    }
}

#[tokio::test]
async fn modules_are_scripts_unless_somebody_asks() {
    let test = "nodejs::modules_are_scripts_unless_somebody_asks";
    let Some(bench) = bench(test).await else { return };
    for runtime in ["nodejs20.x", "nodejs22.x"] {
        if !bench.has(runtime, test) {
            continue;
        }
        let module = "export const handler = async () => 1;";
        let importing = "exports.handler = async () => require('./m.mjs').handler();";
        let code =
            bench.package(&[("index.js", module), ("other.js", importing), ("m.mjs", module)]);
        let (spec, lines) = bench.spec(runtime, "index.handler", &code);
        match bench.run(spec, lines).await.map(|_| ()) {
            Err(InitError::Reported { error_type, .. }) => {
                assert_eq!(error_type, "Runtime.UserCodeSyntaxError");
            }
            other => panic!("{runtime}: {other:?}"),
        }
        let (mut spec, lines) = bench.spec(runtime, "other.handler", &code);
        let function = bench.run(spec.clone(), lines.clone()).await.unwrap();
        let (_, document) = function.error("1").await;
        assert!(
            document["errorMessage"].as_str().unwrap().contains("require() of ES Module"),
            "{document}"
        );
        spec.environment.push(("NODE_OPTIONS".into(), "--experimental-require-module".into()));
        assert_eq!(bench.run(spec, lines).await.unwrap().json("1").await, json!(1));
    }
}

#[tokio::test]
async fn modules_of_packages_and_layers() {
    let test = "nodejs::modules_of_packages_and_layers";
    let Some(bench) = bench(test).await else { return };
    let Some(runtime) = newest(&bench, test) else { return };
    let layer = bench.package(&[
        ("nodejs/node_modules/shared/index.js", "exports.value = 'layer';"),
        ("nodejs/node_modules/shared/package.json", "{\"name\":\"shared\",\"main\":\"index.js\"}"),
    ]);
    let module = "import shared from 'shared'; export const handler = async () => shared.value;";
    let script = "exports.handler = async () => require('shared').value;";
    for file in [("index.mjs", module), ("index.js", script)] {
        let code = bench.package(&[file]);
        let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
        spec.layers = vec![layer.clone()];
        let function = match bench.run(spec, lines.clone()).await {
            Ok(function) => function,
            Err(error) => panic!("{error:?}: {:?}", lines.texts()),
        };
        assert_eq!(function.json("1").await, json!("layer"), "{}", file.0);
    }
    let code = bench.package(&[(
        "index.js",
        "exports.handler = async () => [process.env.NODE_OPTIONS, typeof gc];",
    )]);
    let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
    spec.environment.push(("NODE_OPTIONS".into(), "--max-http-header-size=9000".into()));
    let function = bench.run(spec, lines).await.unwrap();
    assert_eq!(function.json("1").await, json!(["--max-http-header-size=9000", "function"]));
}
