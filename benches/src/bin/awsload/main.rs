//! awsload: a load generator for servers that speak AWS's HTTP APIs.
//!
//!     awsload --endpoint http://127.0.0.1:4566 --scenario sqs-send --conns 1 --requests 2000
//!
//! It makes the resources a scenario needs, signs every request (SigV4) before
//! its clock starts, replays the bytes over kept-alive plain HTTP/1.1
//! connections, and prints one JSON object: per operation p50/p90/p99/max in
//! milliseconds, and requests per second over the whole run. Every answer is
//! checked (status, and for Lambda the computed value); a wrong one counts as
//! an error and the first one is quoted.
//!
//! `--server-pid P` adds the CPU time that process tree used a request (which
//! other work on the machine disturbs least). `--scenario list` prints the scenarios.

#![expect(clippy::disallowed_methods, reason = "a load generator measures time")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

mod connection;
mod hashing;
mod requests;
mod scenarios;

use connection::*;
use hashing::*;
use requests::*;
use scenarios::*;

type R<T> = Result<T, String>;

#[derive(Default)]
struct Tally {
    pub lat: BTreeMap<&'static str, Vec<f64>>,
    pub errors: u64,
    pub first_error: Option<String>,
    pub reconnects: u64,
    pub cpu: f64,
}

impl Tally {
    pub fn add(&mut self, op: &'static str, ms: f64) {
        self.lat.entry(op).or_default().push(ms);
    }
    pub fn error(&mut self, e: String) {
        self.errors += 1;
        self.first_error.get_or_insert(clip(&e));
    }
    pub fn merge(&mut self, t: Tally) {
        for (k, v) in t.lat {
            self.lat.entry(k).or_default().extend(v);
        }
        self.errors += t.errors;
        self.reconnects += t.reconnects;
        if self.first_error.is_none() {
            self.first_error = t.first_error;
        }
    }
}

fn clip(s: &str) -> String {
    s.chars().take(300).collect::<String>().replace(['\n', '\r'], " ")
}

/// Whether an answer holds a text; one that starts with a quote is JSON, spaces aside.
fn holds(body: &[u8], want: &str) -> bool {
    if want.starts_with('"') {
        let tight: Vec<u8> = body.iter().copied().filter(|b| *b != b' ').collect();
        return find(&tight, want.as_bytes()).is_some();
    }
    find(body, want.as_bytes()).is_some()
}

fn timed(conn: &mut Conn, s: &Step, tally: Option<&mut Tally>) -> Option<Resp> {
    let t = Instant::now();
    let r = conn.call(&s.bytes);
    let ms = t.elapsed().as_secs_f64() * 1e3;
    let bad = match &r {
        Err(e) => Some(e.clone()),
        Ok(x) if x.status / 100 != 2 => {
            Some(format!("{}: HTTP {} {}", s.op, x.status, clip(&x.text())))
        }
        Ok(x) => match &s.expect {
            Some(e) if !holds(&x.body, e) => {
                Some(format!("{}: no {e:?} in {}", s.op, clip(&x.text())))
            }
            _ => None,
        },
    };
    if let Some(tl) = tally {
        match bad {
            Some(e) => tl.error(e),
            None => tl.add(s.op, ms),
        }
    }
    r.ok()
}

/// Scenarios in which a request depends on an earlier answer: one connection.
fn sequential(o: &Opts, scenario: &str) -> R<(Tally, f64)> {
    let mut c = Ctx { o, conn: Conn::new(&o.addr) };
    let mut t = Tally::default();
    let mut wall = 0.0;
    let used = cpu_seconds(o.server_pid);
    let p = &o.prefix;
    match scenario {
        "sqs-cycle" => {
            let q = c.queue()?;
            let send = Step::new(
                "SendMessage",
                sqs(
                    "SendMessage",
                    format!(r#"{{"QueueUrl":"{q}","MessageBody":"{}"}}"#, "m".repeat(100)),
                ),
                o,
            )
            .with("MessageId");
            let recv = Step::new(
                "ReceiveMessage",
                sqs(
                    "ReceiveMessage",
                    format!(r#"{{"QueueUrl":"{q}","MaxNumberOfMessages":1,"WaitTimeSeconds":0}}"#),
                ),
                o,
            )
            .with("ReceiptHandle");
            for i in 0..o.warmup + o.requests {
                let on = i >= o.warmup;
                let w = Instant::now();
                timed(&mut c.conn, &send, on.then_some(&mut t));
                let r = timed(&mut c.conn, &recv, on.then_some(&mut t));
                if let Some(h) = r.and_then(|r| json_str(&r.text(), "ReceiptHandle")) {
                    let h = h.replace('\\', "\\\\").replace('"', "\\\"");
                    let del = Step::new(
                        "DeleteMessage",
                        sqs(
                            "DeleteMessage",
                            format!(r#"{{"QueueUrl":"{q}","ReceiptHandle":"{h}"}}"#),
                        ),
                        o,
                    );
                    timed(&mut c.conn, &del, on.then_some(&mut t));
                }
                if on {
                    wall += w.elapsed().as_secs_f64();
                    t.add("cycle", w.elapsed().as_secs_f64() * 1e3);
                }
            }
        }
        "lambda-cold" => {
            let role = c.role();
            for i in 0..o.requests {
                let f = format!("{p}-k{i}");
                let w = Instant::now();
                c.must("CreateFunction", create_function(o, &f, &role))?;
                c.wait_function(&f)?;
                t.add("create+active", w.elapsed().as_secs_f64() * 1e3);
                std::thread::sleep(Duration::from_millis(o.gap_ms));
                let first = Step::new("first Invoke", invoke(&f), o).with("\"v\":41");
                let w = Instant::now();
                timed(&mut c.conn, &first, Some(&mut t));
                wall += w.elapsed().as_secs_f64();
                let second = Step::new("second Invoke", invoke(&f), o).with("\"v\":41");
                timed(&mut c.conn, &second, Some(&mut t));
                let _ = c.ask(Req::rest(
                    "lambda",
                    "DELETE",
                    format!("/2015-03-31/functions/{f}"),
                    vec![],
                ));
            }
        }
        "durable-checkpoint" => {
            let (path, mut token) = c.durable_execution()?;
            for i in 0..o.warmup + o.requests {
                let body = format!(
                    r#"{{"CheckpointToken":"{token}","Updates":[{{"Id":"s{i}","Type":"STEP","Action":"SUCCEED","Payload":"{}"}}]}}"#,
                    "r".repeat(100)
                );
                let r = Req::rest("lambda", "POST", path.clone(), body.into_bytes());
                let step = Step::new("CheckpointDurableExecution", r, o);
                let w = Instant::now();
                let answer = timed(&mut c.conn, &step, (i >= o.warmup).then_some(&mut t));
                wall += if i >= o.warmup { w.elapsed().as_secs_f64() } else { 0.0 };
                let next = answer.and_then(|answer| json_str(&answer.text(), "CheckpointToken"));
                token = next.ok_or("no token for the next checkpoint")?;
            }
        }
        "ecs-running" => {
            let body = c.run_task()?;
            for i in 0..o.warmup + o.requests {
                let w = Instant::now();
                let t1 = c.must("RunTask", ecs("RunTask", body.clone()))?;
                let accepted = w.elapsed().as_secs_f64() * 1e3;
                let arn = json_str(&t1, "taskArn").ok_or(format!("no taskArn in {}", clip(&t1)))?;
                let ask = format!(r#"{{"cluster":"{p}-cl","tasks":["{arn}"]}}"#);
                let mut state = String::new();
                for _ in 0..20000 {
                    let d = c.must("DescribeTasks", ecs("DescribeTasks", ask.clone()))?;
                    let at = d.find("\"tasks\"").unwrap_or(0);
                    // the task's own status: "containers" may come first, with theirs
                    state = if d[at..].contains("\"RUNNING\"") {
                        "RUNNING".into()
                    } else {
                        json_str(&d[at..], "lastStatus").unwrap_or_default()
                    };
                    if state == "RUNNING" || state == "STOPPED" {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(2));
                }
                let s = w.elapsed().as_secs_f64();
                let _ = c.ask(ecs("StopTask", format!(r#"{{"cluster":"{p}-cl","task":"{arn}"}}"#)));
                if i >= o.warmup {
                    wall += s;
                    if state == "RUNNING" {
                        t.add("RunTask..RUNNING", s * 1e3);
                        t.add("accepted", accepted);
                    } else {
                        t.error(format!("task went to {state}"));
                    }
                }
            }
        }
        "ec2-running" => {
            for i in 0..o.warmup + o.requests {
                let w = Instant::now();
                let t1 = c.must("RunInstances", run_instance(&o.ami))?;
                let id = xml_tag(&t1, "instanceId").ok_or("no instanceId")?;
                let mut state = String::new();
                for _ in 0..20000 {
                    let d = c.must(
                        "DescribeInstances",
                        Req::query(
                            "ec2",
                            format!(
                                "Action=DescribeInstances&Version=2016-11-15&InstanceId.1={id}"
                            ),
                        ),
                    )?;
                    let at = d.find("<instanceState>").unwrap_or(0);
                    state = xml_tag(&d[at..], "name").unwrap_or_default();
                    if state != "pending" {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(2));
                }
                let s = w.elapsed().as_secs_f64();
                let _ = c.ask(Req::query(
                    "ec2",
                    format!("Action=TerminateInstances&Version=2016-11-15&InstanceId.1={id}"),
                ));
                if i >= o.warmup {
                    wall += s;
                    if state == "running" {
                        t.add("RunInstances..running", s * 1e3);
                    } else {
                        t.error(format!("instance went to {state}"));
                    }
                }
            }
        }
        "cfn-complete" => {
            for i in 0..o.warmup + o.requests {
                let name = format!("{p}-d{i}");
                let w = Instant::now();
                c.must("CreateStack", stack(&name))?;
                let mut state = String::new();
                for _ in 0..20000 {
                    let d = c.must(
                        "DescribeStacks",
                        Req::query(
                            "cloudformation",
                            format!("Action=DescribeStacks&Version=2010-05-15&StackName={name}"),
                        ),
                    )?;
                    state = xml_tag(&d, "StackStatus").unwrap_or_default();
                    if state != "CREATE_IN_PROGRESS" && state != "REVIEW_IN_PROGRESS" {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                let s = w.elapsed().as_secs_f64();
                if i >= o.warmup {
                    wall += s;
                    if state == "CREATE_COMPLETE" {
                        t.add("CreateStack..COMPLETE", s * 1e3);
                    } else {
                        t.error(format!("stack ended {state}"));
                    }
                }
            }
        }
        x => return Err(format!("no scenario {x:?}")),
    }
    t.reconnects = c.conn.reconnects;
    t.cpu = cpu_seconds(o.server_pid) - used;
    Ok((t, wall))
}

/// CPU seconds used so far by a process and its descendants (and those they reaped).
fn cpu_seconds(root: u32) -> f64 {
    let mut parent = BTreeMap::new();
    let mut ticks = BTreeMap::new();
    for d in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = d.file_name().to_str().and_then(|s| s.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(d.path().join("stat")) else { continue };
        let Some((_, rest)) = stat.rsplit_once(')') else { continue };
        let f: Vec<&str> = rest.split_whitespace().collect();
        parent.insert(pid, f[1].parse::<u32>().unwrap_or(0));
        ticks.insert(pid, f[11..15].iter().filter_map(|x| x.parse::<u64>().ok()).sum::<u64>());
    }
    let below = |mut p: u32| loop {
        if p == root {
            return true;
        }
        match parent.get(&p) {
            Some(q) if *q != 0 => p = *q,
            _ => return false,
        }
    };
    ticks.iter().filter(|(p, _)| below(**p)).map(|(_, t)| *t).sum::<u64>() as f64 / 100.0
}

fn parallel(o: &Opts, scenario: &str) -> R<(Tally, f64)> {
    let plans = plan(o, scenario)?;
    let warm = o.warmup.div_ceil(o.conns);
    let gate = Arc::new(Barrier::new(o.conns + 1));
    let total = Arc::new(Mutex::new((Tally::default(), f64::MAX, 0.0f64)));
    let zero = Instant::now();
    let hands: Vec<_> = plans
        .into_iter()
        .map(|steps| {
            let (gate, total, addr, limit) =
                (gate.clone(), total.clone(), o.addr.clone(), o.seconds);
            std::thread::spawn(move || {
                let mut conn = Conn::new(&addr);
                for s in &steps[..warm.min(steps.len())] {
                    timed(&mut conn, s, None);
                }
                gate.wait();
                let mut t = Tally::default();
                let a = zero.elapsed().as_secs_f64();
                for s in &steps[warm.min(steps.len())..] {
                    timed(&mut conn, s, Some(&mut t));
                    if limit > 0.0 && zero.elapsed().as_secs_f64() - a > limit {
                        break;
                    }
                }
                let b = zero.elapsed().as_secs_f64();
                t.reconnects = conn.reconnects;
                let mut g = total.lock().unwrap();
                g.0.merge(t);
                g.1 = g.1.min(a);
                g.2 = g.2.max(b);
            })
        })
        .collect();
    gate.wait();
    let used = cpu_seconds(o.server_pid);
    for h in hands {
        h.join().map_err(|_| "a connection's thread died".to_string())?;
    }
    let mut g = std::mem::replace(&mut *total.lock().unwrap(), (Tally::default(), 0.0, 0.0));
    g.0.cpu = cpu_seconds(o.server_pid) - used;
    Ok((g.0, g.2 - g.1))
}

fn main() {
    if let Err(e) = run() {
        println!("{{\"error\":{:?}}}", e);
        std::process::exit(1);
    }
}

fn run() -> R<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let get = |k: &str, d: &str| -> String {
        args.iter()
            .position(|a| a == &format!("--{k}"))
            .and_then(|i| args.get(i + 1))
            .cloned()
            .unwrap_or(d.into())
    };
    let num = |k: &str, d: usize| -> R<usize> {
        get(k, &d.to_string()).parse().map_err(|_| format!("--{k} wants a number"))
    };
    let scenario = get("scenario", "");
    if scenario == "list" || scenario.is_empty() {
        for (n, d) in SCENARIOS {
            println!("{n:14} {d}");
        }
        return Ok(());
    }
    let endpoint = get("endpoint", "http://127.0.0.1:4566");
    let host = endpoint
        .strip_prefix("http://")
        .ok_or("--endpoint wants http://HOST:PORT")?
        .trim_end_matches('/')
        .to_string();
    let pid = std::process::id();
    let o = Opts {
        cfg: Cfg {
            host: host.clone(),
            region: get("region", "us-east-1"),
            access: get("access-key", "test"),
            secret: get("secret-key", "test"),
        },
        addr: host,
        conns: num("conns", 1)?.max(1),
        requests: num("requests", 1000)?,
        warmup: num("warmup", 50)?,
        prefix: get("prefix", &format!("bench{pid}")),
        runtime: get("runtime", "python3.11"),
        ami: get("ami", "ami-12c6146b"),
        image: get("image", "bench:latest"),
        path: get("path", "/2015-03-31/functions/function/invocations"),
        body: get("body", "{\"n\":20}"),
        expect: get("expect", ""),
        gap_ms: num("gap-ms", 0)? as u64,
        seconds: num("seconds", 0)? as f64,
        server_pid: num("server-pid", 0)? as u32,
    };
    let (mut t, wall) = match scenario.as_str() {
        "sqs-cycle" | "lambda-cold" | "durable-checkpoint" | "ecs-running" | "ec2-running"
        | "cfn-complete" => sequential(&o, &scenario)?,
        _ => parallel(&o, &scenario)?,
    };
    let done: usize = t
        .lat
        .iter()
        .filter(|(k, _)| !["cycle", "create+active", "accepted"].contains(*k))
        .map(|(_, v)| v.len())
        .sum();
    let mut out = format!(
        "{{\"scenario\":\"{scenario}\",\"conns\":{},\"ok\":{done},\"errors\":{},\"seconds\":{wall:.4},\"rps\":{:.1},\"connects\":{},\"server_cpu_us_per_request\":{:.0},\"ops\":{{",
        o.conns,
        t.errors,
        if wall > 0.0 { done as f64 / wall } else { 0.0 },
        t.reconnects,
        if done > 0 { t.cpu * 1e6 / done as f64 } else { 0.0 }
    );
    for (n, (op, v)) in t.lat.iter_mut().enumerate() {
        v.sort_by(f64::total_cmp);
        let at = |q: f64| v[((v.len() as f64 * q).ceil() as usize).clamp(1, v.len()) - 1];
        let _ = write!(
            out,
            "{}\"{op}\":{{\"n\":{},\"p50_ms\":{:.4},\"p90_ms\":{:.4},\"p99_ms\":{:.4},\"max_ms\":{:.4}}}",
            if n > 0 { "," } else { "" },
            v.len(),
            at(0.5),
            at(0.9),
            at(0.99),
            v[v.len() - 1]
        );
    }
    out.push('}');
    if let Some(e) = &t.first_error {
        let _ = write!(
            out,
            ",\"first_error\":\"{}\"",
            e.replace('\\', "\\\\").replace('"', "\\\"").replace(|c: char| c.is_control(), " ")
        );
    }
    out.push('}');
    println!("{out}");
    if t.errors > 0 {
        std::process::exit(1);
    }
    Ok(())
}
