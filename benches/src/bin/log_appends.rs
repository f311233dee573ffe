//! Log lines appended per second by functions' environments, beside durable transactions of one small row each.
//!
//! `cargo run --release -p benches --bin log_appends [DIR]`; the directory decides which disk is measured.

use base::{AccountId, BoxFut, Clock, OsEntropy, Region, RequestId};
use benches::{median, small_writes};
use seams::{AccessRequest, Authorizer, CallCx, Caller, Error, LogEvent, LogSink};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use svc_logs::{Deps, Logs};

/// Environments that write at a time, each to a stream of its own.
const WRITERS: usize = 16;
/// Lines of one batch: what an environment gathers before it writes.
const LINES: usize = 20;
const LINE: &str = "2026-01-01T00:00:00.000Z\t8f5c0c2e-1f0b-4a52-9d0e-7f1f0c2e1f0b\tINFO\tan ordinary line of output\n";
const TIME: Duration = Duration::from_secs(3);
const REPEATS: usize = 5;

/// Decisions are IAM's to measure.
struct Anything;

impl Authorizer for Anything {
    fn authorize<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a AccessRequest,
    ) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}

fn main() {
    let parent = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let (mut batches, mut rows, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..REPEATS {
        let dir = tempfile::tempdir_in(&parent).expect("a directory");
        let open = |name| Store::new(store_embedded::open(&dir.path().join(name)).expect("opens"));
        let row_rate = small_writes::per_second(&open("rows"), WRITERS as u64, TIME);
        let batch_rate = appends_per_second(open("logs"));
        batches.push(batch_rate);
        rows.push(row_rate);
        ratios.push(batch_rate / row_rate);
    }
    println!("durable small writes, {WRITERS} writers: {:.0}/s", median(rows));
    let batches = median(batches);
    println!("durable batches of {LINES} lines, {WRITERS} writers: {batches:.0}/s");
    println!("lines: {:.0}/s", batches * LINES as f64);
    println!("ratio: {:.2}", median(ratios));
}

/// Acknowledged batches per second.
#[expect(clippy::disallowed_methods, reason = "benchmarks measure real time")]
fn appends_per_second(store: Store) -> f64 {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("an async runtime");
    let clock: Arc<dyn Clock> = Arc::new(rt::os_clock());
    let entropy = Arc::new(OsEntropy);
    let root_key = sealing::RootKey::new([1; 32]);
    let iam = Arc::new(svc_iam::Iam::new(svc_iam::Deps {
        store: store.clone(),
        root_key: root_key.clone(),
        clock: clock.clone(),
        entropy: entropy.clone(),
        endpoint_url: "http://127.0.0.1:0".to_string(),
    }));
    let keys = svc_kms::Kms::new(svc_kms::Deps {
        store: store.clone(),
        root_key,
        authorizer: iam.clone(),
        identities: iam,
        clock: clock.clone(),
        entropy: entropy.clone(),
    });
    let authorizer = Arc::new(Anything);
    // Connected to nothing: no group has subscriptions.
    let functions = Arc::new(svc_lambda::Invoker::default());
    let deps = Deps { store, clock: clock.clone(), entropy, authorizer, keys, functions };
    let logs = Logs::new(deps);
    let cx = Arc::new(CallCx::internal(
        Arc::new(Caller::root(AccountId::DEFAULT, None)),
        Region::default(),
        RequestId::new(&OsEntropy),
        clock.now(),
        None,
    ));
    let begun = Instant::now();
    let appended = runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let (logs, clock, cx) = (logs.clone(), clock.clone(), cx.clone());
            tasks.spawn(async move {
                let stream = format!("2026/01/01/[$LATEST]{writer:032x}");
                let mut appended = 0_u32;
                while begun.elapsed() < TIME {
                    let event = LogEvent { timestamp: clock.now(), message: LINE.into() };
                    let events = vec![event; LINES];
                    logs.append(&cx, "/aws/lambda/bench", &stream, events).await.expect("appends");
                    appended += 1;
                }
                appended
            });
        }
        tasks.join_all().await.into_iter().map(f64::from).sum::<f64>()
    });
    appended / begun.elapsed().as_secs_f64()
}
