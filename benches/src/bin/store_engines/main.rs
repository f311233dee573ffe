//! The measurements behind ADR 1: which engine keeps the rows on disk.
//!
//! `cargo run --profile release-lite -p benches --features store-engines --bin store_engines -- --gib 10 --dir DIR`
//! measures every engine; `--engine NAME` one, `--gib 0` small writes only. All run below the same `store::Store`,
//! whose group commit they share. Opening is measured in a process of its own, which for "after a kill" finds what a
//! killed writer left.

mod fjall_engine;
mod redb_engine;

use base::{Entropy, SeededEntropy};
use benches::{disk, median, readable, small_writes};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use store::Store;
use store::backend::{Backend, Batch, KeyRange};

const ENGINES: [&str; 4] = ["fjall", "redb", "redb-quick-repair", "sqlite"];
const ROW_BYTES: usize = 1_024;
/// The rows come in so many ascending sequences at once, as log streams do.
const SEQUENCES: u64 = 1_000;
const REPEATS: usize = 3;

fn open(engine: &str, dir: &Path) -> Box<dyn Backend> {
    match engine {
        "fjall" => Box::new(fjall_engine::open(dir)),
        "redb" => Box::new(redb_engine::open(dir, false)),
        "redb-quick-repair" => Box::new(redb_engine::open(dir, true)),
        "sqlite" => store_embedded::open(dir).expect("the chosen engine opens"),
        _ => panic!("engines are {ENGINES:?}"),
    }
}

struct Options {
    dir: PathBuf,
    engine: Option<String>,
    gib: f64,
    seconds: u64,
    child: Option<String>,
}

impl Options {
    fn rows(&self) -> u64 {
        (self.gib * (1u64 << 30) as f64) as u64 / ROW_BYTES as u64
    }
}

fn options() -> Options {
    let mut options =
        Options { dir: std::env::temp_dir(), engine: None, gib: 1.0, seconds: 3, child: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().expect("every option has a value");
        match name.as_str() {
            "--dir" => options.dir = value.into(),
            "--engine" => options.engine = Some(value),
            "--gib" => options.gib = value.parse().expect("a number"),
            "--seconds" => options.seconds = value.parse().expect("a number"),
            "--child" => options.child = Some(value),
            _ => panic!("options are --dir, --engine, --gib and --seconds"),
        }
    }
    options
}

fn main() {
    let options = options();
    let named = options.engine.clone();
    match options.child.as_deref() {
        Some("open") => return measure_open(&named.expect("an engine"), &options),
        Some("write") => write_forever(&named.expect("an engine"), &options.dir),
        Some(_) => panic!("children open or write"),
        None => {}
    }
    for engine in ENGINES.into_iter().filter(|engine| named.as_deref().is_none_or(|n| n == *engine))
    {
        println!("## {engine}");
        conformance(engine, &options);
        small(engine, &options);
        if options.gib > 0.0 {
            large(engine, &options);
        }
    }
}

fn conformance(engine: &str, options: &Options) {
    let dir = tempfile::tempdir_in(&options.dir).expect("a directory");
    store::conformance::run(&mut || open(engine, dir.path()));
    store::conformance::run_durable(&mut || open(engine, dir.path()));
}

/// Durable small writes beside the disk's own rate, which is taken before and after each.
fn small(engine: &str, options: &Options) {
    let time = Duration::from_secs(options.seconds);
    for writers in [1, 16, 256] {
        let (mut rates, mut ratios) = (Vec::new(), Vec::new());
        for _ in 0..REPEATS {
            let dir = tempfile::tempdir_in(&options.dir).expect("a directory");
            let disk_rate =
                || disk::durable_appends_per_second(dir.path(), 200, Duration::from_millis(500));
            let before = disk_rate();
            let store = Store::new(open(engine, dir.path()));
            let rate = small_writes::per_second(&store, writers, time);
            drop(store);
            rates.push(rate);
            ratios.push(rate / ((before + disk_rate()) / 2.0));
        }
        let (rate, ratio) = (median(rates), median(ratios));
        println!("{writers} writers: {rate:.0} writes/s, {ratio:.2} of the disk's durable appends");
    }
}

#[expect(clippy::disallowed_methods, reason = "benchmarks measure real time")]
fn large(engine: &str, options: &Options) {
    let dir = tempfile::tempdir_in(&options.dir).expect("a directory");
    let begun = Instant::now();
    {
        let backend = open(engine, dir.path());
        load(&*backend, options.rows());
    }
    let (loaded, on_disk) = (begun.elapsed(), bytes_in(dir.path()) as f64 / (1u64 << 30) as f64);
    println!("loaded {} GiB in {}: {on_disk:.2} GiB on disk", options.gib, readable(loaded));
    for state in ["closed", "closed", "killed", "killed"] {
        if state == "killed" {
            kill_a_writer(engine, dir.path());
        }
        let mut opening = child(engine, dir.path(), "open");
        opening.args(["--gib", &options.gib.to_string()]);
        let opened = opening.stderr(Stdio::inherit()).output().expect("this program runs");
        print!("open after being {state}: {}", String::from_utf8_lossy(&opened.stdout));
    }
}

/// In an order as rows arrive: each next row of a random sequence.
fn load(backend: &dyn Backend, rows: u64) {
    let entropy = SeededEntropy::new(1);
    let mut next = vec![0u64; SEQUENCES as usize];
    let mut batch = Batch::new();
    for row in 0..rows {
        let sequence = entropy.next_u64() % SEQUENCES;
        let number = &mut next[sequence as usize];
        batch.insert(key(sequence, *number), Some(value(&entropy)));
        *number += 1;
        if batch.len() == 4_000 || row + 1 == rows {
            backend.apply(std::mem::take(&mut batch)).expect("applies");
        }
    }
}

fn key(sequence: u64, number: u64) -> Vec<u8> {
    let mut key = format!("logs.events\x00000000000000us-east-1\0stream-{sequence:05}\0");
    // JSON compresses, random bytes do not; this is between them.
    key.push_str(&format!("{number:016x}"));
    key.into_bytes()
}

fn value(entropy: &dyn Entropy) -> Vec<u8> {
    let mut value = vec![b'x'; ROW_BYTES - 60];
    entropy.fill(&mut value[..ROW_BYTES / 2]);
    value
}

fn bytes_in(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).expect("a directory");
    entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let metadata = entry.metadata().expect("its size");
            if metadata.is_dir() { bytes_in(&entry.path()) } else { metadata.len() }
        })
        .sum()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a process of its own shows its memory and can be killed"
)]
fn child(engine: &str, dir: &Path, task: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--engine", engine, "--child", task, "--dir"]).arg(dir);
    command
}

/// Lets a process write small rows for some seconds and kills it.
fn kill_a_writer(engine: &str, dir: &Path) {
    let mut writer =
        child(engine, dir, "write").stdout(Stdio::null()).spawn().expect("this program runs");
    std::thread::sleep(Duration::from_secs(5));
    writer.kill().expect("kills its child");
    writer.wait().expect("waits for its child");
}

fn write_forever(engine: &str, dir: &Path) -> ! {
    let store = Store::new(open(engine, dir));
    loop {
        small_writes::per_second(&store, 64, Duration::from_secs(60));
    }
}

#[expect(clippy::disallowed_methods, reason = "benchmarks measure real time")]
fn measure_open(engine: &str, options: &Options) {
    let begun = Instant::now();
    let backend = open(engine, &options.dir);
    let opened = begun.elapsed();
    let idle = resident_mib();

    let entropy = SeededEntropy::new(2);
    let numbers = (options.rows() / SEQUENCES).max(1);
    let random_key = || key(entropy.next_u64() % SEQUENCES, entropy.next_u64() % numbers);
    let gets = 20_000;
    let begun = Instant::now();
    for _ in 0..gets {
        let snapshot = backend.snapshot().expect("a snapshot");
        std::hint::black_box(snapshot.get(&random_key()).expect("gets"));
    }
    let get = begun.elapsed() / gets;

    let (mut rows, begun) = (0u32, Instant::now());
    for _ in 0..200 {
        let snapshot = backend.snapshot().expect("a snapshot");
        let lower = key(entropy.next_u64() % SEQUENCES, 0);
        let upper = [&lower[..lower.len() - 16], b"g".as_slice()].concat();
        let mut left = 1_000;
        snapshot
            .scan(&KeyRange { lower, upper, reverse: false }, &mut |_, value| {
                std::hint::black_box(value);
                rows += 1;
                left -= 1;
                Ok(left > 0)
            })
            .expect("scans");
    }
    println!(
        "{}, {idle:.1} MiB resident; get {}, scan {} a row; then {:.1} MiB resident",
        readable(opened),
        readable(get),
        readable(begun.elapsed() / rows.max(1)),
        resident_mib(),
    );
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("procfs is mounted");
    let line = status.lines().find(|line| line.starts_with("RssAnon")).expect("a line on memory");
    let kib = line.split_whitespace().nth(1).expect("a number");
    kib.parse::<f64>().expect("a number") / 1_024.0
}
