//! Whether the cloud stays as fast with many functions, and as small after many invocations.
//!
//!     cargo build --release -p nuage && cargo run --release -p benches --bin many_functions
//!     many_functions [FUNCTIONS]                  10,000 functions beside 10
//!     many_functions --invocations 1000000        memory of the server as invocations go on
//!
//! Starts `nuage up` on an empty data directory and drives it over one kept-alive signed connection. Each figure with many
//! functions stands beside the same with 10 in the same run, so what counts is the ratio. Throttled invocations are timed
//! too. `NUAGE_BINARY` and `NUAGE_BENCH_RUNTIME` as in `spine`.

#![expect(clippy::disallowed_methods, reason = "a bench measures time and starts processes")]

use base::{Clock, OsClock};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benches::median;
use front::sigv4::{SigningKey, sign};
use http::{Method, Request, header};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The functions beside which many are measured.
const FEW: usize = 10;
/// Calls that a figure is the median of.
const CALLS: usize = 300;
/// Invocations between two looks at the server's memory.
const STEP: usize = 25_000;
const HANDLER: &str = "def handler(event, context):\n    return event\n";

fn main() {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("--invocations"), Some(count)) => memory(count.parse().expect("a number")),
        (count, _) => many(count.map_or(10_000, |count| count.parse().expect("a number"))),
    }
}

/// Figures with few functions, then with `count`.
fn many(count: usize) {
    let cloud = Cloud::start();
    let mut client = cloud.client();
    client.role();
    (0..FEW).for_each(|n| client.create(n));
    client.settled(FEW - 1);
    let few = Figures::of(&mut client, FEW);
    let began = Instant::now();
    (FEW..count).for_each(|n| client.create(n));
    let creating_s = began.elapsed().as_secs_f64();
    client.settled(count - 1);
    let many = Figures::of(&mut client, count);
    println!("{:<28} {:>12} {:>12} {:>8}", "ms, p50", FEW, count, "ratio");
    for ((name, few), (_, many)) in few.0.iter().zip(&many.0) {
        println!("{name:<28} {few:>12.3} {many:>12.3} {:>8.2}", many / few);
    }
    println!("{count} functions were made in {creating_s:.1} s");
    throttled(&mut client);
}

/// What is measured, by name, in milliseconds.
struct Figures(Vec<(&'static str, f64)>);

impl Figures {
    fn of(client: &mut Client, functions: usize) -> Self {
        let create = (0..30).map(|n| {
            let name = 1_000_000 + functions * 100 + n;
            timed(|| client.create(name))
        });
        let create: Vec<f64> = create.collect();
        for n in 0..30 {
            client.settled(1_000_000 + functions * 100 + n);
            client.send(Method::DELETE, &path(1_000_000 + functions * 100 + n, ""), None, 204);
        }
        let mut median_of = |calls: usize, call: &mut dyn FnMut(&mut Client)| {
            let times: Vec<f64> = (0..calls).map(|_| timed(|| call(client))).collect();
            median(times)
        };
        // A page of as many as there are in the smaller case.
        let list = "/2015-03-31/functions?MaxItems=10";
        let get = path(functions / 2, "");
        let invocations = path(functions / 2, "/invocations");
        // The first is cold.
        median_of(5, &mut |c| drop(c.send(Method::POST, &invocations, Some(json!(1)), 200)));
        Figures(vec![
            ("CreateFunction", median(create)),
            (
                "ListFunctions, first page",
                median_of(CALLS, &mut |c| drop(c.send(Method::GET, list, None, 200))),
            ),
            ("GetFunction", median_of(CALLS, &mut |c| drop(c.send(Method::GET, &get, None, 200)))),
            (
                "Invoke, warm",
                median_of(10 * CALLS, &mut |c| {
                    drop(c.send(Method::POST, &invocations, Some(json!(1)), 200));
                }),
            ),
        ])
    }
}

/// How long a throttled invocation takes to be told so.
fn throttled(client: &mut Client) {
    let concurrency = path(0, "/concurrency").replace("2015-03-31", "2017-10-31");
    let nothing = json!({ "ReservedConcurrentExecutions": 0 });
    client.send(Method::PUT, &concurrency, Some(nothing), 200);
    let invocations = path(0, "/invocations");
    let mut times: Vec<f64> = (0..10 * CALLS)
        .map(|_| timed(|| drop(client.send(Method::POST, &invocations, Some(json!(1)), 429))))
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[(times.len() as f64 * part) as usize];
    println!(
        "throttled: p50 {:.3} ms, p99 {:.3} ms, most {:.3} ms; the bar is 2 ms",
        at(0.5),
        at(0.99),
        times[times.len() - 1]
    );
}

/// The server's memory while `count` invocations go on, over ten functions.
fn memory(count: usize) {
    let cloud = Cloud::start();
    let mut client = cloud.client();
    client.role();
    (0..FEW).for_each(|n| client.create(n));
    client.settled(FEW - 1);
    let began = Instant::now();
    println!("{:>12} {:>14} {:>12}", "invocations", "server, MiB", "per second");
    for done in 1..=count {
        client.send(Method::POST, &path(done % FEW, "/invocations"), Some(json!(done)), 200);
        if done % STEP == 0 || done == count {
            let rate = done as f64 / began.elapsed().as_secs_f64();
            println!("{done:>12} {:>14.1} {rate:>12.0}", cloud.server_mib());
        }
    }
}

fn timed(call: impl FnOnce()) -> f64 {
    let began = Instant::now();
    call();
    began.elapsed().as_secs_f64() * 1e3
}

fn path(n: usize, rest: &str) -> String {
    format!("/2015-03-31/functions/f{n:07}{rest}")
}

/// One kept-alive connection.
struct Client {
    authority: String,
    reader: BufReader<TcpStream>,
    clock: OsClock,
    package: String,
    runtime: String,
}

impl Client {
    /// The execution role of all functions, which may not write logs: they are measured elsewhere.
    fn role(&mut self) {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }] });
        let trust: String = trust.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        let form = format!(
            "Action=CreateRole&Version=2010-05-08&RoleName=f&AssumeRolePolicyDocument={trust}"
        );
        let form_type = "application/x-www-form-urlencoded";
        let (status, body) = self.exchange(Method::POST, "/", "iam", form_type, form.into_bytes());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    }

    fn create(&mut self, n: usize) {
        let body = json!({
            "FunctionName": format!("f{n:07}"),
            "Runtime": self.runtime,
            "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/f",
            "Code": { "ZipFile": self.package },
        });
        self.send(Method::POST, "/2015-03-31/functions", Some(body), 201);
    }

    fn settled(&mut self, n: usize) {
        let configuration = path(n, "/configuration");
        while self.send(Method::GET, &configuration, None, 200)["State"] != "Active" {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn send(&mut self, method: Method, path: &str, body: Option<Value>, expected: u16) -> Value {
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let (status, answer) = self.exchange(method, path, "lambda", "application/json", body);
        assert_eq!(status, expected, "{path}: {}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).unwrap_or(Value::Null)
    }

    fn exchange(
        &mut self,
        method: Method,
        path: &str,
        service: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> (u16, Vec<u8>) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, content_type);
        let mut request = request.body(()).expect("a request");
        let key = SigningKey {
            access_key_id: "test",
            secret_access_key: "test",
            session_token: None,
            region: "us-east-1",
            service,
        };
        sign(&mut request, &body, key, self.clock.now()).expect("a signature");
        let mut bytes = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
        for (name, value) in request.headers() {
            bytes.extend_from_slice(format!("{name}: ").as_bytes());
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(&body);
        self.reader.get_mut().write_all(&bytes).expect("the server listens");
        self.answer()
    }

    fn answer(&mut self) -> (u16, Vec<u8>) {
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("the server answers");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if status == 0 {
                status =
                    line.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).expect("a body");
        (status, body)
    }
}

/// A server on an empty data directory, whose quotas are above what is measured.
struct Cloud {
    process: Child,
    authority: String,
    _data: tempfile::TempDir,
}

impl Cloud {
    fn start() -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let port_file = data.path().join("port");
        let process = Command::new(binary())
            .args(["up", "--port", "0", "--log", "warn", "--concurrent-executions", "100000"])
            .arg("--port-file")
            .arg(&port_file)
            .arg("--data-dir")
            .arg(data.path().join("data"))
            .stdout(Stdio::null())
            .spawn()
            .expect("nuage starts: build it with `cargo build --release -p nuage`");
        let began = Instant::now();
        let port = loop {
            match std::fs::read_to_string(&port_file) {
                Ok(port) if !port.trim().is_empty() => break port.trim().to_string(),
                _ if began.elapsed() > Duration::from_secs(20) => panic!("nuage is not ready"),
                _ => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        Cloud { process, authority: format!("127.0.0.1:{port}"), _data: data }
    }

    fn client(&self) -> Client {
        let stream = TcpStream::connect(&self.authority).expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let runtime = std::env::var("NUAGE_BENCH_RUNTIME").unwrap_or_else(|_| "python3.11".into());
        Client {
            authority: self.authority.clone(),
            reader: BufReader::new(stream),
            clock: OsClock::new(|_| Box::pin(std::future::pending())),
            package: STANDARD.encode(package()),
            runtime,
        }
    }

    /// Memory of the server's own process that nobody shares, as far as it is shared proportionally.
    fn server_mib(&self) -> f64 {
        let rollup = format!("/proc/{}/smaps_rollup", self.process.id());
        let rollup = std::fs::read_to_string(rollup).unwrap_or_default();
        let line = rollup.lines().find(|line| line.starts_with("Pss_Anon:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

fn package() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("index.py", options).expect("memory");
    archive.write_all(HANDLER.as_bytes()).expect("memory");
    archive.finish().expect("memory").into_inner()
}

fn binary() -> PathBuf {
    std::env::var_os("NUAGE_BINARY").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/nuage"),
        PathBuf::from,
    )
}
