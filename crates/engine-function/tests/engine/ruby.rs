//! Ruby functions.

use std::collections::BTreeMap;

use engine::{FunctionEngine as _, Outcome};
use serde_json::json;

use crate::harness::{Bench, bench_with, eventually};

const RUNTIMES: [&str; 4] = ["ruby3.2", "ruby3.3", "ruby3.4", "ruby4.0"];
/// What stands in where none of these versions is on the host.
const ANY: &str = "/usr/bin/ruby";

const FUNCTION: &str = r#"
require 'json'
require 'mine'
def handler(event:, context:)
  exit!(5) if event == 'exit'
  raise ArgumentError, 'bad' if event == 'raise'
  puts "seen #{event}"
  [event, Dir.pwd, context.function_name, ENV['N'], MINE, ENV['GEM_PATH'].split(':').first, `echo $N`.strip, ARGV]
end
"#;

/// An engine with a runtime for the test. Where no version of AWS's is there, the host's own is mapped to the first.
pub async fn ruby(test: &str, pool_size: usize) -> Option<(Bench, &'static str)> {
    let bench = bench_with(test, pool_size, BTreeMap::new()).await?;
    if let Some(found) =
        RUNTIMES.into_iter().find(|runtime| bench.engine.check_runtime(runtime).is_ok())
    {
        return Some((bench, found));
    }
    let mapped = BTreeMap::from([(RUNTIMES[0].to_owned(), ANY.into())]);
    let bench = bench_with(test, pool_size, mapped).await?;
    bench.has(RUNTIMES[0], test).then(|| {
        println!("{test}: {} is mapped to {ANY}", RUNTIMES[0]);
        (bench, RUNTIMES[0])
    })
}

#[tokio::test]
async fn waiting_interpreters_take_any_function() {
    let test = "ruby::waiting_interpreters_take_any_function";
    let Some((bench, runtime)) = ruby(test, 1).await else { return };
    bench.engine.expect_runtime(runtime, 256);
    let layer = bench.package(&[("ruby/lib/mine.rb", "MINE = 'layer'")]);
    for n in 0..3 {
        eventually("the pool is full", || bench.engine.pool_level() == (1, 1)).await;
        let code = bench.package(&[("index.rb", FUNCTION)]);
        let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
        spec.environment.push(("N".into(), n.to_string()));
        spec.layers = vec![layer.clone()];
        let function = match bench.run(spec, lines.clone()).await {
            Ok(function) => function,
            Err(error) => panic!("{error:?}: {:?}", lines.texts()),
        };
        let version = runtime.trim_start_matches("ruby");
        let gems = format!("/var/task/vendor/bundle/ruby/{version}.0");
        let n = n.to_string();
        assert_eq!(
            function.json("[\"ü\"]").await,
            json!([["ü"], "/var/task", "f", n, "layer", gems, n, []])
        );
        assert_eq!(lines.texts(), ["seen [\"ü\"]"]);
        let (_, document) = function.error("\"raise\"").await;
        assert_eq!(
            (&document["errorType"], &document["errorMessage"]),
            (&json!("Function<ArgumentError>"), &json!("bad"))
        );
        assert!(
            document["stackTrace"][0].as_str().unwrap().starts_with("/var/task/index.rb:6:in "),
            "{document}"
        );
        let Outcome::Exited(status) = function.invoke("\"exit\"").await.outcome else { panic!() };
        assert_eq!(status.code, Some(5));
    }
    let code = bench.package(&[("index.rb", "def handler(event:, context:) = ENV['RUBYOPT']")]);
    let (mut spec, lines) = bench.spec(runtime, "index.handler", &code);
    spec.environment.push(("RUBYOPT".into(), "-w".into()));
    let function = bench.run(spec, lines).await.unwrap();
    assert_eq!(function.json("1").await, json!("-w"));
}

#[tokio::test]
async fn mapped_interpreters() {
    let test = "ruby::mapped_interpreters";
    let mapped = BTreeMap::from([
        ("ruby3.3".to_owned(), "/absent/ruby".into()),
        ("nodejs24.x".to_owned(), "/etc/passwd".into()),
    ]);
    let Some(bench) = bench_with(test, 0, mapped).await else { return };
    for (name, program) in [("ruby3.3", "/absent/ruby"), ("nodejs24.x", "/etc/passwd")] {
        let unavailable = bench.engine.check_runtime(name).unwrap_err();
        let expected = format!(
            "{name} is mapped to {program}, which is not there or no interpreter of that language."
        );
        assert_eq!(unavailable.reason, expected);
    }
}
