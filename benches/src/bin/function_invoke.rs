//! How long functions take through the engine: cold starts with and without a pool, warm invocations one by one and
//! from several environments at once; beside a plain fork and exec of the interpreter with the same client.
//!
//! `function_invoke [COUNT] [RUNTIME...]`, as root. The 10th, 50th and 99th percentile, in milliseconds. It is its own spawner:
//! the first argument `__spawner` leads there.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and the arguments, and starts a process to compare with"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{Clock, OsClock, OsEntropy, RequestId};
use bytes::Bytes;
use engine::{
    Environment, EnvironmentSpec, FunctionEngine, Invocation, LogFormat, Outcome, OutputLine,
    OutputSink,
};
use engine_function::{SandboxEngine, SandboxEngineConfig};

/// Environments that are invoked at the same time.
const ENVIRONMENTS: usize = 10;
/// How long they are.
const LOAD: Duration = Duration::from_secs(3);

const PYTHON: &str = "def handler(event, context):\n    return event\n";
const NODEJS: &str = "exports.handler = async (event) => event;\n";

struct Nowhere;

impl OutputSink for Nowhere {
    fn line(&self, line: OutputLine) {
        eprintln!("{}", line.text);
    }
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "__spawner") {
        engine_function::spawner_main()
    }
    let count = arguments.first().and_then(|count| count.parse().ok()).unwrap_or(100);
    let runtimes = arguments.split_off(arguments.len().min(1));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(run(count, runtimes));
}

async fn run(count: usize, mut runtimes: Vec<String>) {
    if runtimes.is_empty() {
        runtimes = ["python3.11", "python3.12", "nodejs20.x"].map(str::to_owned).to_vec();
    }
    let folder = tempfile::tempdir().expect("a folder");
    for runtime in runtimes {
        for pool_size in [0, 2] {
            let engine =
                start_engine(&folder.path().join(format!("{runtime}-{pool_size}")), pool_size)
                    .await;
            if let Err(unavailable) = engine.check_runtime(&runtime) {
                println!("{runtime}: {}", unavailable.reason);
                continue;
            }
            let code = package(folder.path(), &runtime);
            if pool_size == 0 {
                plain(&engine, &runtime, &code, count);
            }
            cold(&engine, &runtime, &code, count, pool_size).await;
            if pool_size == 0 {
                warm(&engine, &runtime, &code, count).await;
            }
            engine.shut_down().await;
        }
    }
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(OsClock::new(|by| Box::pin(tokio::time::sleep(by))))
}

async fn start_engine(state_dir: &Path, pool_size: usize) -> SandboxEngine {
    let config = SandboxEngineConfig {
        data_dir: state_dir.join("data"),
        state_dir: state_dir.to_owned(),
        spawner: "/proc/self/exe".into(),
        endpoint_port: 4566,
        serve_endpoint: Arc::new(|listener, _until| drop(listener)),
        pool_size,
        path: std::env::var_os("PATH").unwrap_or_default(),
        home: std::env::var_os("HOME").map(PathBuf::from),
        mapped: Default::default(),
        clock: clock(),
    };
    SandboxEngine::start(config).await.expect("the engine starts")
}

fn package(folder: &Path, runtime: &str) -> PathBuf {
    let (name, source) =
        if runtime.starts_with("python") { ("index.py", PYTHON) } else { ("index.js", NODEJS) };
    let code = folder.join(runtime);
    std::fs::create_dir_all(&code).expect("a folder for the package");
    std::fs::write(code.join(name), source).expect("a file");
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&code, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    code
}

fn spec(runtime: &str, code: &Path) -> EnvironmentSpec {
    EnvironmentSpec {
        account_id: "000000000000".into(),
        runtime: runtime.to_owned(),
        handler: "index.handler".to_owned(),
        code: code.to_owned(),
        layers: Vec::new(),
        memory_mib: 1_769,
        vcpus: None,
        max_concurrency: None,
        ephemeral_storage_mib: 512,
        init_timeout: Duration::from_secs(10),
        environment: vec![("_HANDLER".to_owned(), "index.handler".to_owned())],
        log_format: LogFormat::Text,
        output: Arc::new(Nowhere),
        reservation: None,
        runtime_version: String::new(),
        runtime_version_arn: String::new(),
    }
}

fn invocation() -> Invocation {
    Invocation {
        request_id: RequestId::new(&OsEntropy),
        deadline: clock().now() + Duration::from_secs(10),
        invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
        trace_id: Some("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
        client_context: None,
        cognito_identity: None,
        tenant_id: None,
        payload: Bytes::from_static(b"{\"hello\":\"world\"}"),
        response: None,
    }
}

async fn invoke(environment: &dyn Environment) {
    let report = environment.invoke(invocation()).await;
    assert!(matches!(report.outcome, Outcome::Response(_)), "{report:?}");
}

/// The interpreter and the client as an ordinary process, from fork to its first `GET …/next`.
fn plain(engine: &SandboxEngine, runtime: &str, code: &Path, count: usize) {
    let found = engine.runtimes().into_iter().find(|status| status.name == runtime);
    let Some(Ok(interpreter)) = found.map(|status| status.state) else { return };
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("runtimes");
    let (client, flags): (_, &[&str]) = if runtime.starts_with("python") {
        let joined = code.join("bootstrap.py");
        std::fs::write(&joined, engine_function::PYTHON).expect("the client is written");
        (joined, &["-I", "-S", "-u"])
    } else {
        (clients.join("nodejs/bootstrap.cjs"), &[])
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("an address").to_string();
    let times = (0..count).map(|_| {
        let start = Instant::now();
        let mut child = Command::new(&interpreter)
            .args(flags)
            .arg(&client)
            .env_clear()
            .env("LAMBDA_TASK_ROOT", code)
            .env("_HANDLER", "index.handler")
            .env("AWS_LAMBDA_RUNTIME_API", &address)
            .stdin(Stdio::null())
            .spawn()
            .expect("it starts");
        let (mut stream, _) = listener.accept().expect("it connects");
        let _ = stream.read(&mut [0; 4096]).expect("it asks");
        let took = start.elapsed();
        answer(&mut stream);
        let _ = child.kill();
        let _ = child.wait();
        took
    });
    report(&format!("{runtime}: plain fork and exec, to the first GET next"), times.collect());
}

fn answer(stream: &mut TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
}

async fn cold(engine: &SandboxEngine, runtime: &str, code: &Path, count: usize, pool_size: usize) {
    engine.expect_runtime(runtime, 1_769);
    let (mut starts, mut firsts) = (Vec::new(), Vec::new());
    for _ in 0..count {
        while engine.pool_level().0 < pool_size {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Until what waits in the pool has loaded what it loads, and the spawner is at rest.
        tokio::time::sleep(Duration::from_millis(if pool_size > 0 { 150 } else { 5 })).await;
        let start = Instant::now();
        let environment = engine.start(spec(runtime, code)).await;
        let environment = environment.unwrap_or_else(|error| panic!("{error:?}"));
        starts.push(start.elapsed());
        invoke(&*environment).await;
        firsts.push(start.elapsed());
        environment.shut_down().await;
    }
    let form = if pool_size > 0 { "pooled" } else { "no pool" };
    report(&format!("{runtime}: cold, {form}, to the first GET next"), starts);
    report(&format!("{runtime}: cold, {form}, to the first answer"), firsts);
}

async fn warm(engine: &SandboxEngine, runtime: &str, code: &Path, count: usize) {
    let mut environments = Vec::new();
    for _ in 0..ENVIRONMENTS {
        let environment = engine.start(spec(runtime, code)).await;
        environments.push(environment.unwrap_or_else(|error| panic!("{error:?}")));
    }
    let one = &environments[0];
    for _ in 0..count * 10 {
        invoke(&**one).await;
    }
    let mut times = Vec::new();
    for _ in 0..count * 20 {
        let start = Instant::now();
        invoke(&**one).await;
        times.push(start.elapsed());
    }
    report(&format!("{runtime}: warm, one after the other"), times);
    let mut times = Vec::new();
    for _ in 0..count {
        tokio::time::sleep(Duration::from_millis(8)).await;
        let start = Instant::now();
        invoke(&**one).await;
        times.push(start.elapsed());
    }
    report(&format!("{runtime}: warm, out of the freezer"), times);
    let end = Instant::now() + LOAD;
    let mut callers = tokio::task::JoinSet::new();
    for environment in environments.clone() {
        callers.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                let start = Instant::now();
                invoke(&*environment).await;
                times.push(start.elapsed());
            }
            times
        });
    }
    let times = callers.join_all().await.concat();
    let rate = times.len() as f64 / LOAD.as_secs_f64();
    report(&format!("{runtime}: warm, {ENVIRONMENTS} environments"), times);
    println!(
        "{:56} {rate:9.0} invocations/s",
        format!("{runtime}: warm, {ENVIRONMENTS} environments")
    );
    for environment in environments {
        environment.shut_down().await;
    }
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at =
        |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("{name:56} p10 {:7.3}   p50 {:7.3}   p99 {:7.3} ms", at(10), at(50), at(99));
}
