//! AWS's own interface clients run unmodified.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::harness::bench;

/// A folder in which somebody has installed `awslambdaric` for Python 3.11 (`pip install --target`).
const AWSLAMBDARIC: &str = "NUAGE_TEST_AWSLAMBDARIC";

fn awslambdaric() -> Option<PathBuf> {
    let named = std::env::var_os(AWSLAMBDARIC).map(PathBuf::from);
    named.filter(|folder| folder.join("awslambdaric").is_dir())
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
    let bootstrap = "#!/bin/sh\nexport PYTHONPATH=/opt\nexec /usr/bin/python3.11 -m awslambdaric \"$_HANDLER\"\n";
    let source = "import logging\ndef handler(e, c):\n  logging.warning('w')\n  if e == 1: raise KeyError('k')\n  return {'e': e, 'n': c.function_name}";
    let code = bench.package(&[("bootstrap", bootstrap), ("index.py", source)]);
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
