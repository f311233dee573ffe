//! The figures of the whole way, from a signed HTTP request to a function's answer, each beside its floor.
//!
//!     cargo build --release -p nuage && cargo run --release -p benches --bin spine
//!
//! Starts `nuage up` on an empty data directory (as root: the sandboxes are whole), drives it with `awsload` over
//! kept-alive signed connections, and in the same run times a plain fork and exec of the interpreter and the disk's own
//! fsync. Client and server share the machine. `NUAGE_BINARY` names another binary, `NUAGE_BENCH_RUNTIME` and
//! `NUAGE_BENCH_INTERPRETER` another runtime than `python3.11` and `python3`.

#![expect(clippy::disallowed_methods, reason = "a bench measures time and starts processes")]

use benches::cloud::Cloud;
use benches::{median, small_writes};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn main() {
    let cloud = Cloud::start_with(&[]);
    let endpoint = format!("http://{}", cloud.authority);
    let runtime = std::env::var("NUAGE_BENCH_RUNTIME").unwrap_or_else(|_| "python3.11".into());
    let interpreter = std::env::var("NUAGE_BENCH_INTERPRETER").unwrap_or_else(|_| "python3".into());
    let (idle_mib, _) = cloud.processes_mib();
    let floor_ms =
        milliseconds(30, || run(Command::new(&interpreter).args(["-S", "-c", "import json"])));

    let wire = load(&bare_server(), &["--scenario", "sts", "--conns", "1", "--requests", "5000"]);
    let wire_ms = first(&wire, "p50_ms").unwrap_or(f64::NAN);
    let identity_1 = load(&endpoint, &["--scenario", "sts", "--conns", "1", "--requests", "5000"]);
    let identity_8 = load(
        &endpoint,
        &["--scenario", "sts", "--conns", "8", "--requests", "120000", "--warmup", "500"],
    );
    let cold = load(
        &endpoint,
        &["--scenario", "lambda-cold", "--requests", "40", "--gap-ms", "60", "--runtime", &runtime],
    );
    let warm = load(
        &endpoint,
        &["--scenario", "lambda-warm", "--requests", "5000", "--runtime", &runtime],
    );
    let busy = load(
        &endpoint,
        &[
            "--scenario",
            "lambda-warm",
            "--conns",
            "10",
            "--requests",
            "30000",
            "--runtime",
            &runtime,
        ],
    );
    let checkpoint = load(
        &endpoint,
        &[
            "--scenario",
            "durable-checkpoint",
            "--conns",
            "1",
            "--requests",
            "1000",
            "--warmup",
            "100",
            "--runtime",
            &runtime,
        ],
    );
    let transaction_ms = transaction_ms();

    let of = |load: &Value, operation: &str, figure: &str| load["ops"][operation][figure].as_f64();
    let figures = [
        Figure::new("server ready", cloud.ready_ms, "ms", 80.0),
        Figure::new("resident, idle, nuage and its spawner", idle_mib, "MiB", 25.0),
        Figure::new(
            "GetCallerIdentity, 1 connection, p50",
            first(&identity_1, "p50_ms"),
            "ms",
            0.05,
        )
        .beside(wire_ms),
        Figure::new("floor: a bare thread's answer, p50", wire_ms, "ms", f64::NAN),
        Figure::new("GetCallerIdentity, 8 connections", identity_8["rps"].as_f64(), "/s", 40_000.0)
            .at_least(),
        Figure::new("floor: fork and exec of the interpreter", floor_ms, "ms", f64::NAN),
        Figure::new("cold start, p50", of(&cold, "first Invoke", "p50_ms"), "ms", 15.0)
            .beside(floor_ms),
        Figure::new("cold start, p99", of(&cold, "first Invoke", "p99_ms"), "ms", f64::NAN),
        Figure::new("warm invoke, p50", first(&warm, "p50_ms"), "ms", 0.4).beside(floor_ms),
        Figure::new("warm invoke, p99", first(&warm, "p99_ms"), "ms", f64::NAN),
        Figure::new("floor: a durable transaction of one row", transaction_ms, "ms", f64::NAN),
        Figure::new(
            "checkpoint of a durable execution, p50",
            first(&checkpoint, "p50_ms"),
            "ms",
            f64::NAN,
        )
        .beside(transaction_ms),
        Figure::new("invocations, 10 connections", busy["rps"].as_f64(), "/s", f64::NAN),
    ];
    figures.iter().for_each(Figure::print);
}

fn first(load: &Value, figure: &str) -> Option<f64> {
    load["ops"].as_object()?.values().next()?[figure].as_f64()
}

/// The median of `runs` runs.
fn milliseconds(runs: usize, mut work: impl FnMut()) -> f64 {
    let timed = (0..runs).map(|_| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64() * 1e3
    });
    median(timed.collect())
}

/// One transaction after the other, each of one small row, on the same disk.
fn transaction_ms() -> f64 {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let rows = store_embedded::open(&directory.path().join("store")).expect("it opens");
    1e3 / small_writes::per_second(&store::Store::new(rows), 1, Duration::from_secs(3))
}

/// One line of the table.
struct Figure {
    name: &'static str,
    value: Option<f64>,
    unit: &'static str,
    /// What it should not exceed; or reach, with `at_least`.
    bar: f64,
    at_least: bool,
    /// The floor of the same run, in the same unit.
    floor: Option<f64>,
}

impl Figure {
    fn new(
        name: &'static str,
        value: impl Into<Option<f64>>,
        unit: &'static str,
        bar: f64,
    ) -> Self {
        Figure { name, value: value.into(), unit, bar, at_least: false, floor: None }
    }

    fn at_least(self) -> Self {
        Figure { at_least: true, ..self }
    }

    fn beside(self, floor: f64) -> Self {
        Figure { floor: Some(floor), ..self }
    }

    fn print(&self) {
        let value = self.value.map_or("failed".into(), |value| format!("{value:.3}"));
        let bar = match (self.bar.is_nan(), self.at_least) {
            (true, _) => String::new(),
            (false, true) => format!("bar >= {}", self.bar),
            (false, false) => format!("bar <= {}", self.bar),
        };
        let ratio = self
            .floor
            .zip(self.value)
            .map(|(floor, value)| format!("{:.2} x floor", value / floor));
        println!(
            "{:42} {value:>12} {:4} {bar:16} {}",
            self.name,
            self.unit,
            ratio.unwrap_or_default()
        );
    }
}

fn run(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?} runs");
}

/// The floor of one request: a thread that answers every read with the same few bytes. Its address.
fn bare_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        let answer =
            "HTTP/1.1 200 OK\r\ncontent-length: 37\r\n\r\n<GetCallerIdentityResponse><Account/>";
        let mut request = [0; 16_384];
        for connection in listener.incoming().flatten() {
            let mut connection = connection;
            let _ = connection.set_nodelay(true);
            while connection.read(&mut request).is_ok_and(|bytes| bytes > 0) {
                let _ = connection.write_all(answer.as_bytes());
            }
        }
    });
    format!("http://{address}")
}

/// Runs the load generator and reads what it prints.
fn load(endpoint: &str, arguments: &[&str]) -> Value {
    let awsload = std::env::current_exe().expect("our own path").with_file_name("awsload");
    let output = Command::new(&awsload)
        .args(["--endpoint", endpoint])
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("{}: {e}; build all of benches", awsload.display()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    eprintln!("{}", text.trim());
    serde_json::from_str(&text).expect("awsload prints JSON")
}
