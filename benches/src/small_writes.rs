//! Transactions of one small row each, by many writers at once.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::{Error, Store};

store::table! {
    /// About 200 bytes a row with its key, as a queued asynchronous invocation has without its payload.
    pub WRITES: (base::AccountId, base::Region, String, u64) => Row, name = "bench.writes", version = 1;
}

/// A small record.
#[derive(Serialize, Deserialize)]
pub struct Row {
    state: String,
    attempts: u32,
    created_ms: u64,
    description: String,
}

/// Acknowledged transactions per second of `writers` that each wait for theirs before the next.
#[expect(clippy::disallowed_methods, reason = "benchmarks measure real time")]
pub fn per_second(store: &Store, writers: u64, time: Duration) -> f64 {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("an async runtime");
    let (begun, written) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for writer in 0..writers {
            let (store, written) = (store.clone(), written.clone());
            tasks.spawn(async move {
                for number in 0.. {
                    if begun.elapsed() >= time {
                        break;
                    }
                    write(&store, writer, number).await.expect("writes");
                    written.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while let Some(result) = tasks.join_next().await {
            result.expect("no writer panics");
        }
    });
    written.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// How long one read of a written row takes, snapshot and decoding included.
#[expect(clippy::disallowed_methods, reason = "benchmarks measure real time")]
pub fn read_time(store: &Store) -> Duration {
    const READS: u32 = 20_000;
    let begun = Instant::now();
    for number in 0..READS {
        let row = store.get(&WRITES, &key(0, u64::from(number % 100))).expect("reads");
        assert!(row.is_some(), "the first writer wrote more than a hundred rows");
    }
    begun.elapsed() / READS
}

fn key(writer: u64, number: u64) -> (base::AccountId, base::Region, String, u64) {
    let name = format!("function-{writer:03}");
    (base::AccountId::DEFAULT, base::Region::default(), name, number)
}

async fn write(store: &Store, writer: u64, number: u64) -> Result<(), Error> {
    let key = key(writer, number);
    let row = Row {
        state: "Pending".into(),
        attempts: 0,
        created_ms: 1_700_000_000_000 + number,
        description: "A row of the size that most rows have.".into(),
    };
    store.transact(move |tx| tx.put(&WRITES, &key, &row)).await
}
