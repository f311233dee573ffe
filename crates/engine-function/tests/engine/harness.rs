//! An engine of one's own and functions made of texts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{Clock, OsClock, RequestId, SeededEntropy};
use bytes::Bytes;
use engine::{
    Environment, EnvironmentSpec, FunctionEngine, InitError, Invocation, InvocationReport,
    LogFormat, Outcome, OutputLine, OutputSink,
};
use engine_function::{SandboxEngine, SandboxEngineConfig};
use serde_json::Value;

const SPAWNER: &str = env!("CARGO_BIN_EXE_function-spawner");

/// What a function printed.
#[derive(Default)]
pub struct Lines(Mutex<Vec<OutputLine>>, Mutex<Vec<(String, Value)>>);

impl OutputSink for Lines {
    fn line(&self, line: OutputLine) {
        self.0.lock().unwrap().push(line);
    }

    fn platform(&self, _time: base::Time, kind: &str, record: &str) {
        self.1.lock().unwrap().push((kind.to_owned(), serde_json::from_str(record).unwrap()));
    }
}

impl Lines {
    /// Takes the lines.
    pub fn take(&self) -> Vec<OutputLine> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// What the platform told of the environment: types and records.
    pub fn platform(&self) -> Vec<(String, Value)> {
        self.1.lock().unwrap().clone()
    }

    /// Takes the lines' texts.
    pub fn texts(&self) -> Vec<String> {
        self.take().into_iter().map(|line| line.text).collect()
    }
}

/// An engine with a folder for functions.
pub struct Bench {
    pub engine: SandboxEngine,
    pub folder: tempfile::TempDir,
    pub clock: Arc<dyn Clock>,
    packages: AtomicU64,
}

/// One function's environment.
pub struct Running {
    pub environment: Arc<dyn Environment>,
    pub lines: Arc<Lines>,
    clock: Arc<dyn Clock>,
}

/// A request id that was not used before in this process.
pub fn request_id() -> RequestId {
    static SEED: AtomicU64 = AtomicU64::new(1);
    RequestId::new(&SeededEntropy::new(SEED.fetch_add(1, Ordering::Relaxed)))
}

fn os_clock() -> Arc<dyn Clock> {
    #[expect(clippy::disallowed_methods, reason = "tests of real sandboxes run on real time")]
    let sleep = |by| -> base::BoxFut<'static, ()> { Box::pin(tokio::time::sleep(by)) };
    Arc::new(OsClock::new(sleep))
}

pub async fn sleep(by: Duration) {
    os_clock().sleep(by).await;
}

/// Completes when `done` says so; fails after a long time.
pub async fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if done() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

/// An engine, or None with a word about the test that is skipped.
pub async fn bench(test: &str) -> Option<Bench> {
    bench_with_pool(test, 0).await
}

/// An engine that keeps `pool_size` sandboxes ready.
pub async fn bench_with_pool(test: &str, pool_size: usize) -> Option<Bench> {
    bench_with(test, pool_size, BTreeMap::new()).await
}

/// An engine with interpreters chosen for runtime names.
pub async fn bench_with(
    test: &str,
    pool_size: usize,
    mapped: BTreeMap<String, PathBuf>,
) -> Option<Bench> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: {test} needs root");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    // The sandboxes' users must reach what is mounted for them.
    let clock = os_clock();
    let config = SandboxEngineConfig {
        data_dir: folder.path().join("data"),
        state_dir: folder.path().join("state"),
        spawner: PathBuf::from(SPAWNER),
        endpoint_port: 4566,
        serve_endpoint: Arc::new(serve_endpoint),
        pool_size,
        path: std::env::var_os("PATH").unwrap_or_default(),
        home: std::env::var_os("HOME").map(PathBuf::from),
        mapped,
        clock: Arc::clone(&clock),
    };
    let engine = SandboxEngine::start(config).await.expect("the engine starts");
    Some(Bench { engine, folder, clock, packages: AtomicU64::new(0) })
}

/// Answers every connection to the cloud's endpoint with the same short answer.
fn serve_endpoint(listener: std::net::TcpListener, until: base::BoxFut<'static, ()>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    #[expect(clippy::disallowed_methods, reason = "ends with the environment it serves")]
    tokio::spawn(async move {
        let serving = async {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 65_536];
                let _ = stream.read(&mut request).await;
                let body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                            <GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult>\
                            </GetCallerIdentityResponse>";
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all((head + body).as_bytes()).await;
            }
        };
        tokio::select! { () = serving => {}, () = until => {} }
    });
}

impl Bench {
    /// Whether `runtime` can run here; says which test is skipped if not.
    pub fn has(&self, runtime: &str, test: &str) -> bool {
        let found = self.engine.check_runtime(runtime);
        if let Err(unavailable) = &found {
            eprintln!("skipped: {test} on {runtime}: {}", unavailable.reason);
        }
        found.is_ok()
    }

    /// Whether `runtime` can run here.
    pub fn engine_has(&self, runtime: &str) -> bool {
        self.engine.check_runtime(runtime).is_ok()
    }

    /// Whether sandboxes are frozen between invocations here.
    pub fn freezes(&self) -> bool {
        !self.engine.limitations().iter().any(|limitation| limitation.contains("freeze"))
    }

    /// A package with these files; scripts that begin with `#!` are executable.
    pub fn package(&self, files: &[(&str, &str)]) -> PathBuf {
        let number = self.packages.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.path().join(format!("package{number}"));
        std::fs::create_dir(&folder).unwrap();
        readable(&folder, 0o755);
        for (name, content) in files {
            let file = folder.join(name);
            for parent in file.parent().unwrap().ancestors().take_while(|parent| *parent != folder)
            {
                std::fs::create_dir_all(parent).unwrap();
                readable(parent, 0o755);
            }
            std::fs::write(&file, content).unwrap();
            readable(&file, if content.starts_with("#!") { 0o755 } else { 0o644 });
        }
        folder
    }

    /// A function as svc-lambda would describe it.
    pub fn spec(&self, runtime: &str, handler: &str, code: &Path) -> (EnvironmentSpec, Arc<Lines>) {
        let lines = Arc::new(Lines::default());
        let variables = [
            ("AWS_ACCESS_KEY_ID", "ASIAQAAAAAAAAAAAAAAA"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
            ("AWS_LAMBDA_FUNCTION_NAME", "f"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0123456789abcdef"),
            ("_HANDLER", handler),
        ];
        let spec = EnvironmentSpec {
            runtime: runtime.into(),
            handler: handler.into(),
            code: code.into(),
            layers: Vec::new(),
            memory_mib: 256,
            vcpus: None,
            max_concurrency: None,
            ephemeral_storage_mib: 512,
            init_timeout: Duration::from_secs(30),
            environment: variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            runtime_version: "a version".into(),
            runtime_version_arn: "its ARN".into(),
            account_id: "123456789012".into(),
            log_format: LogFormat::Text,
            output: lines.clone(),
            reservation: None,
        };
        (spec, lines)
    }

    /// Starts what `spec` describes.
    pub async fn run(
        &self,
        spec: EnvironmentSpec,
        lines: Arc<Lines>,
    ) -> Result<Running, InitError> {
        let environment = self.engine.start(spec).await?;
        Ok(self.running(environment, lines))
    }

    /// An environment that was started otherwise.
    pub fn running(&self, environment: Arc<dyn Environment>, lines: Arc<Lines>) -> Running {
        Running { environment, lines, clock: Arc::clone(&self.clock) }
    }

    /// Starts a function of one file, which must come up.
    pub async fn function(&self, runtime: &str, file: (&str, &str), handler: &str) -> Running {
        let code = self.package(&[file]);
        let (spec, lines) = self.spec(runtime, handler, &code);
        let shown = Arc::clone(&lines);
        match self.run(spec, lines).await {
            Ok(running) => running,
            Err(error) => panic!("{error:?}: {:?}", shown.texts()),
        }
    }

    /// Starts a function of one file, which must not come up.
    pub async fn fails(&self, runtime: &str, file: (&str, &str), handler: &str) -> InitError {
        let code = self.package(&[file]);
        let (spec, lines) = self.spec(runtime, handler, &code);
        match self.run(spec, lines).await {
            Ok(_) => panic!("it came up"),
            Err(error) => error,
        }
    }
}

fn readable(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

impl Running {
    pub async fn invoke_within(&self, payload: &str, timeout: Duration) -> InvocationReport {
        let invocation = Invocation {
            request_id: request_id(),
            deadline: self.clock.now() + timeout,
            invoked_function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:f".into(),
            trace_id: None,
            client_context: None,
            cognito_identity: None,
            tenant_id: None,
            payload: Bytes::copy_from_slice(payload.as_bytes()),
            response: None,
        };
        let report = self.environment.invoke(invocation).await;
        if report.busy.runtime {
            // It may end instead, which the next invocation would tell.
            let _ = self.environment.runtime_done().await;
        }
        report
    }

    pub async fn invoke(&self, payload: &str) -> InvocationReport {
        self.invoke_within(payload, Duration::from_secs(60)).await
    }

    /// The answer, which must be a success.
    pub async fn json(&self, payload: &str) -> Value {
        match self.invoke(payload).await.outcome {
            Outcome::Response(body) => serde_json::from_slice(&body).unwrap(),
            other => panic!("{other:?}: {:.2000}", format!("{:?}", self.lines.texts())),
        }
    }

    /// The error: the header's type and the document.
    pub async fn error(&self, payload: &str) -> (String, Value) {
        match self.invoke(payload).await.outcome {
            Outcome::Error { error_type, body } => {
                (error_type, serde_json::from_slice(&body).unwrap())
            }
            other => panic!("{other:?}: {:.2000}", format!("{:?}", self.lines.texts())),
        }
    }
}
