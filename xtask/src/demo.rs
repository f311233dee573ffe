//! `cargo xtask demo`: the example functions, deployed and invoked by the AWS CLI on an empty cloud.

use crate::process::{Result, cargo, command, output, program, root, run, step, target_dir};
use crate::setup;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const BASIC_EXECUTION: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

pub fn demo() -> Result<()> {
    setup::setup()?;
    step("building nuage (optimised)");
    run(&mut cargo(&["build", "--locked", "--profile", "release-lite", "--package", "nuage"]))?;
    let work = Work::new()?;
    let cloud = Cloud::start(&work)?;

    step("a role for the functions");
    let create =
        ["iam", "create-role", "--role-name", "demo", "--assume-role-policy-document", TRUST];
    let role = cloud.aws(&create)?;
    let role =
        role["Role"]["Arn"].as_str().ok_or("create-role answered without an ARN")?.to_string();
    cloud.aws(&[
        "iam",
        "attach-role-policy",
        "--role-name",
        "demo",
        "--policy-arn",
        BASIC_EXECUTION,
    ])?;

    let runtimes = cloud.nuage_json(&["runtime", "list"])?;
    let mut shown = 0;
    for (language, example, handler) in [
        ("python", "hello-python", "lambda_function.handler"),
        ("nodejs", "hello-node", "index.handler"),
    ] {
        let Some(runtime) = usable_runtime(&runtimes, language) else {
            eprintln!("no {language} runtime on this machine: skipped");
            continue;
        };
        show(&cloud, &work, &Example { name: example, runtime, handler, role: &role })?;
        shown += 1;
    }
    if shown == 0 {
        return Err("neither Python nor Node.js was found; see `nuage runtime list`".into());
    }
    step("done; start your own cloud with `nuage up`");
    Ok(())
}

struct Example<'a> {
    name: &'a str,
    runtime: String,
    handler: &'a str,
    role: &'a str,
}

fn show(cloud: &Cloud, work: &Work, example: &Example<'_>) -> Result<()> {
    let Example { name, runtime, handler, role } = example;
    step(&format!("{runtime}: the AWS SDK that its functions find"));
    let data = work.data();
    run(&mut cloud.nuage(&[
        "runtime",
        "install",
        runtime,
        "--data-dir",
        &data.display().to_string(),
    ]))?;
    step(&format!("{name} on {runtime}: package, create, wait until it is active"));
    let zip = work.0.join(format!("{name}.zip"));
    package(&root().join("examples").join(name), &zip)?;
    let zip = format!("fileb://{}", zip.display());
    cloud.aws(&[
        "lambda",
        "create-function",
        "--function-name",
        name,
        "--runtime",
        runtime,
        "--handler",
        handler,
        "--role",
        role,
        "--zip-file",
        &zip,
    ])?;
    cloud.aws(&["lambda", "wait", "function-active-v2", "--function-name", name])?;

    step(&format!("{name}: invoke twice, cold and warm"));
    let answer = work.0.join("answer.json");
    for _ in 0..2 {
        let invoked = cloud.aws(&[
            "lambda",
            "invoke",
            "--function-name",
            name,
            "--payload",
            r#"{"name": "Nuage"}"#,
            &answer.display().to_string(),
        ])?;
        let body = fs::read_to_string(&answer).map_err(|e| format!("the answer: {e}"))?;
        println!("{body}");
        if invoked.get("FunctionError").is_some() {
            return Err(format!("{name} failed"));
        }
    }
    step(&format!("{name}: its log and its cost"));
    // Lines reach the log within 200 ms of the answer.
    std::thread::sleep(std::time::Duration::from_millis(500));
    run(&mut cloud.nuage(&["logs", name]))?;
    run(&mut cloud.nuage(&["cost", name]))
}

/// The newest usable runtime of a language.
fn usable_runtime(runtimes: &Value, language: &str) -> Option<String> {
    let usable = runtimes.as_array()?.iter().filter(|runtime| runtime["available"] == true);
    let names = usable.filter_map(|runtime| runtime["name"].as_str());
    let version = |name: &str| -> Vec<u32> {
        let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.split('.').filter_map(|part| part.parse().ok()).collect()
    };
    names
        .filter(|name| name.starts_with(language))
        .max_by_key(|name| version(name))
        .map(String::from)
}

fn package(source: &Path, zip: &Path) -> Result<()> {
    let mut words =
        vec!["-m".to_string(), "zipfile".into(), "-c".into(), zip.display().to_string()];
    for entry in fs::read_dir(source).map_err(|e| format!("{}: {e}", source.display()))? {
        words.push(entry.map_err(|e| e.to_string())?.path().display().to_string());
    }
    run(program(setup::python()).args(words))
}

/// A directory of our own, removed at the end.
struct Work(PathBuf);

impl Work {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("nuage-demo-{}", std::process::id()));
        fs::create_dir(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Work(path))
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running nuage on a free port, stopped at the end.
struct Cloud {
    process: Child,
    endpoint: String,
    home: PathBuf,
}

impl Cloud {
    fn start(work: &Work) -> Result<Self> {
        step("starting nuage on an empty data directory");
        let data = work.data();
        let mut up = program(binary());
        up.args(["up", "--port", "0", "--output", "json", "--data-dir"])
            .arg(&data)
            .stdout(Stdio::piped());
        let mut process = up.spawn().map_err(|e| format!("nuage up: {e}"))?;
        let mut ready = String::new();
        let output = process.stdout.take().expect("the output is piped");
        BufReader::new(output).read_line(&mut ready).map_err(|e| format!("nuage up: {e}"))?;
        let ready: Value =
            serde_json::from_str(&ready).map_err(|_| format!("nuage up said: {ready}"))?;
        let endpoint = ready["endpoint"].as_str().ok_or("nuage up named no endpoint")?.to_string();
        println!("{endpoint} is ready after {} ms", ready["ready_ms"]);
        Ok(Cloud { process, endpoint, home: work.0.clone() })
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_PAGER", "")
            .env_remove("AWS_PROFILE")
            .env("AWS_CONFIG_FILE", self.home.join("config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.home.join("credentials"))
    }

    /// Runs the AWS CLI and reads the JSON that it prints.
    fn aws(&self, arguments: &[&str]) -> Result<Value> {
        let mut aws = command(&[".venv/bin/aws", "--output", "json"]);
        let text = output(self.environment(aws.args(arguments)))?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|e| format!("aws {}: {e}", arguments.join(" ")))
    }

    fn nuage(&self, arguments: &[&str]) -> Command {
        let mut nuage = program(binary());
        self.environment(nuage.args(arguments));
        nuage
    }

    fn nuage_json(&self, arguments: &[&str]) -> Result<Value> {
        let text = output(self.nuage(arguments).args(["--output", "json"]))?;
        serde_json::from_str(&text).map_err(|e| format!("nuage {}: {e}", arguments.join(" ")))
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // SIGTERM, so that it takes its sandboxes along; kill(1) is part of every shell and of procps.
        let _ = run(program("sh").arg("-c").arg(format!("kill {}", self.process.id())));
        let _ = self.process.wait();
    }
}

fn binary() -> PathBuf {
    target_dir().join("release-lite/nuage")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_usable_runtime_is_chosen() {
        let runtimes: Value = serde_json::from_str(
            r#"[{"name":"python3.9","available":true},{"name":"python3.11","available":true},
                {"name":"python3.13","available":false},{"name":"nodejs20.x","available":false}]"#,
        )
        .unwrap();
        assert_eq!(usable_runtime(&runtimes, "python").as_deref(), Some("python3.11"));
        assert_eq!(usable_runtime(&runtimes, "nodejs"), None);
    }
}
