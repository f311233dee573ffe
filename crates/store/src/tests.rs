use super::*;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::task::Poll;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    count: u64,
}

table! {
    /// Rows of random operations.
    ROWS: (String, u64) => u64, name = "test.rows", version = 1;
    COUNTS: String => Count, name = "test.counts", version = 1;
    /// Once, a row was the number alone.
    NEW: String => Count, name = "test.migrated", version = 3, migrate = count_from_number;
    BLOBS: u64 => String, name = "test.blobs", version = 1;
}

fn count_from_number(from: u32, old: serde_json::Value) -> Result<serde_json::Value, Error> {
    match from {
        1 => Ok(serde_json::json!({ "count": old })),
        _ => Err(Error::Migration { message: format!("version {from} was never released") }),
    }
}

/// Runs `test` on the async runtime.
fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(test)
}

async fn put(store: &Store, key: &str, count: u64) -> Result<(), Error> {
    let key = String::from(key);
    store.transact(move |tx| tx.put(&COUNTS, &key, &Count { count })).await
}

fn get(store: &Store, key: &str) -> Option<u64> {
    store.get(&COUNTS, &key.into()).unwrap().map(|row| row.count)
}

#[test]
fn memory_conforms() {
    conformance::run(&mut || Box::new(backend::Memory::default()));
}

#[derive(Clone, Debug)]
enum Operation {
    Put(String, u64, u64),
    Delete(String, u64),
    Scan { prefix: Option<String>, from: u64, after: Option<u64>, reverse: bool, limit: usize },
}

fn operation() -> impl Strategy<Value = Operation> {
    let (name, number) = (|| "[ab\u{0}]{1,2}", || 0u64..4);
    prop_oneof![
        4 => (name(), number(), any::<u64>()).prop_map(|(a, b, c)| Operation::Put(a, b, c)),
        2 => (name(), number()).prop_map(|(a, b)| Operation::Delete(a, b)),
        3 => (
            proptest::option::of(name()),
            number(),
            proptest::option::of(number()),
            any::<bool>(),
            1usize..6
        )
            .prop_map(|(prefix, from, after, reverse, limit)| {
                Operation::Scan { prefix, from, after, reverse, limit }
            }),
    ]
}

type Model = BTreeMap<(String, u64), u64>;

/// Applies `operation` to both and compares what they show.
fn step(tx: &mut Tx<'_>, model: &mut Model, operation: Operation) -> Result<(), Error> {
    match operation {
        Operation::Put(name, number, value) => {
            let key = (name, number);
            assert_eq!(tx.get(&ROWS, &key)?, model.insert(key.clone(), value));
            tx.put(&ROWS, &key, &value)
        }
        Operation::Delete(name, number) => {
            let key = (name, number);
            assert_eq!(tx.contains(&ROWS, &key)?, model.remove(&key).is_some());
            tx.delete(&ROWS, &key)
        }
        Operation::Scan { prefix, from, after, reverse, limit } => {
            let mut range = match &prefix {
                Some(name) => Prefix::of((name.clone(),)).from((name.clone(), from)),
                None => Prefix::all().below((String::from("b"), from)),
            };
            let belongs = |key: &(String, u64)| match &prefix {
                Some(name) => key.0 == *name && key.1 >= from,
                None => *key < (String::from("b"), from),
            };
            let mut rows: Vec<_> = model.clone().into_iter().filter(|(k, _)| belongs(k)).collect();
            if reverse {
                range = range.reverse();
                rows.reverse();
            }
            if let Some(number) = after {
                let last = (prefix.unwrap_or_else(|| "a".into()), number);
                range = range.after(&last);
                rows.retain(|(key, _)| if reverse { *key < last } else { *key > last });
            }
            rows.truncate(limit);
            assert_eq!(tx.scan(&ROWS, range, limit)?, rows);
            Ok(())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    /// Random transactions, some of which fail at their end, against a map that is copied at each.
    #[test]
    fn transactions_match_a_model(
        transactions in proptest::collection::vec(
            (proptest::collection::vec(operation(), 0..12), proptest::bool::weighted(0.3)),
            1..12,
        )
    ) {
        run(async {
            let store = Store::in_memory();
            let mut committed = Model::new();
            // All are asked for before any is awaited, so that they share batches.
            let mut answers = Vec::new();
            let model = Arc::new(parking_lot::Mutex::new(Model::new()));
            for (operations, fails) in transactions.clone() {
                let (store, model) = (store.clone(), model.clone());
                answers.push(Box::pin(async move {
                    store.transact(move |tx| {
                        let mut changed = model.lock().clone();
                        for operation in operations.clone() {
                            step(tx, &mut changed, operation)?;
                        }
                        if fails {
                            return Err(Error::Stopped);
                        }
                        *model.lock() = changed;
                        Ok(())
                    }).await
                }));
            }
            let answers = join_in_order(answers).await;
            for (answer, (_, fails)) in answers.iter().zip(&transactions) {
                assert_eq!(matches!(answer, Err(Error::Stopped)), *fails, "{answer:?}");
            }
            committed.extend(model.lock().clone());
            let rows = store.view(|view| view.scan(&ROWS, Prefix::all(), 1_000)).await.unwrap();
            assert_eq!(rows, committed.into_iter().collect::<Vec<_>>());
        });
    }
}

/// Polls all at once.
async fn join_in_order<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        let mut ready = true;
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none() {
                match std::pin::Pin::new(future).poll(cx) {
                    Poll::Ready(value) => *output = Some(value),
                    Poll::Pending => ready = false,
                }
            }
        }
        if ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

/// Method: 16 tasks each move 100 units between two counters, reading both; lost updates would change the sum.
#[test]
fn concurrent_increments_are_serializable() {
    run(async {
        let store = Store::in_memory();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let store = store.clone();
            tasks.spawn(async move {
                for _ in 0..100 {
                    store
                        .transact(|tx| {
                            let [a, b] = ["a", "b"].map(String::from);
                            let count = |row: Option<Count>| row.map_or(0, |row| row.count);
                            let (x, y) = (count(tx.get(&COUNTS, &a)?), count(tx.get(&COUNTS, &b)?));
                            assert_eq!(x, 2 * y);
                            tx.put(&COUNTS, &a, &Count { count: x + 2 })?;
                            tx.put(&COUNTS, &b, &Count { count: y + 1 })
                        })
                        .await?;
                }
                Ok::<(), Error>(())
            });
        }
        while let Some(result) = tasks.join_next().await {
            result.unwrap().unwrap();
        }
        assert_eq!((get(&store, "a"), get(&store, "b")), (Some(3_200), Some(1_600)));
    });
}

#[test]
fn a_panic_is_an_error_and_leaves_no_trace() {
    run(async {
        let store = Store::in_memory();
        let error = store
            .transact(|tx| -> Result<(), Error> {
                tx.put(&COUNTS, &"a".into(), &Count { count: 1 })?;
                panic!("the {}", "reason");
            })
            .await;
        assert!(matches!(error, Err(Error::Panicked { message }) if message == "the reason"));
        put(&store, "b", 2).await.unwrap();
        assert_eq!((get(&store, "a"), get(&store, "b")), (None, Some(2)));
    });
}

#[test]
fn limits_are_errors() {
    run(async {
        let store = Store::in_memory();
        let put = |bytes: usize, count: u64| {
            // Around the text are the version and the quotes.
            let text = "x".repeat(bytes - 6);
            store.transact(move |tx| (0..count).try_for_each(|key| tx.put(&BLOBS, &key, &text)))
        };
        let mib = limits::VALUE_BYTES_MAX;
        assert!(put(mib, 1).await.is_ok());
        assert!(matches!(put(mib + 1, 1).await, Err(Error::ValueTooLarge { .. })));
        assert!(put(mib, 9).await.is_ok());
        assert!(matches!(put(mib, 10).await, Err(Error::TransactionTooLarge)));

        let key = |bytes: usize| {
            let key = "k".repeat(bytes - "test.counts\0\0".len());
            store.transact(move |tx| tx.put(&COUNTS, &key, &Count { count: 0 }))
        };
        assert!(key(limits::KEY_BYTES_MAX).await.is_ok());
        assert!(matches!(key(limits::KEY_BYTES_MAX + 1).await, Err(Error::KeyTooLarge { .. })));

        for limit in [0, limits::SCAN_ROWS_MAX + 1] {
            let scan = store.view(|view| view.scan_keys(&COUNTS, Prefix::all(), limit)).await;
            assert!(matches!(scan, Err(Error::ScanLimit { .. })));
        }
    });
}

#[test]
fn scans_are_bounded_in_bytes() {
    run(async {
        let store = Store::in_memory();
        for part in 0..8 {
            let text = "x".repeat(1_000_000);
            let write = store.transact(move |tx| {
                (0..9).try_for_each(|n| tx.put(&BLOBS, &(part * 9 + n), &text))
            });
            write.await.unwrap();
        }
        let scan = |limit| store.view(move |view| view.scan_keys(&BLOBS, Prefix::all(), limit));
        assert!(matches!(scan(100).await, Err(Error::ScanTooLarge { .. })));
        assert_eq!(scan(60).await.unwrap().len(), 60);
    });
}

/// Method: no time at all is allowed, so that nothing has to wait.
#[test]
fn a_long_transaction_is_an_error() {
    run(async {
        let memory = Box::new(backend::Memory::default());
        let store = Store::with_time_max(memory, Duration::ZERO);
        let first = store.transact(|tx| tx.get(&COUNTS, &"a".into())).await;
        assert!(matches!(first, Err(Error::TransactionTooLong)));
        let idle = store.transact(|_| Ok::<(), Error>(())).await;
        assert!(matches!(idle, Err(Error::TransactionTooLong)));
    });
}

/// Method: the rows of one table are put under another's name, as if the program had changed.
#[test]
fn old_rows_are_migrated_and_unknown_versions_refused() {
    run(async {
        let memory = backend::Memory::default();
        let row = |name: &str, value: &[u8]| {
            memory.apply([(NEW.encode_key(&name.into()), Some(value.to_vec()))].into()).unwrap();
        };
        row("one", b"\0\0\0\x0141");
        row("two", b"\0\0\0\x0241");
        row("three", b"\0\0\0\x03{\"count\":43}");
        row("four", b"\0\0\0\x0441");
        row("cut", b"\0\0");
        row("garbled", b"\0\0\0\x03{\"count\":");
        let store = Store::new(Box::new(memory));
        let get = |name: &str| store.get(&NEW, &name.into());
        assert_eq!(get("one").unwrap(), Some(Count { count: 41 }));
        assert!(matches!(get("two"), Err(Error::Migration { .. })));
        assert_eq!(get("three").unwrap(), Some(Count { count: 43 }));
        assert!(matches!(get("four"), Err(Error::Version { row: 4, program: 3, .. })));
        assert!(matches!(get("cut"), Err(Error::Version { row: 0, .. })));
        assert!(matches!(get("garbled"), Err(Error::RowForm { .. })));
    });
}

#[test]
fn generations_grow_with_commits_to_their_table() {
    run(async {
        let store = Store::in_memory();
        let (counts, rows) = (store.generation(&COUNTS), store.generation(&ROWS));
        let mut waiting = Box::pin(store.changed(&COUNTS, counts));
        let not_yet =
            std::future::poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx).is_pending()));
        assert!(not_yet.await);
        let failed = store.transact(|tx| {
            tx.put(&COUNTS, &"a".into(), &Count { count: 1 })?;
            Err::<(), Error>(Error::Stopped)
        });
        assert!(failed.await.is_err());
        assert_eq!(store.generation(&COUNTS), counts);
        put(&store, "a", 1).await.unwrap();
        assert_ne!(store.generation(&COUNTS), counts);
        assert_eq!(store.generation(&ROWS), rows);
        assert_eq!(waiting.await, store.generation(&COUNTS));
    });
}

#[test]
fn clearing_leaves_nothing_and_changes_every_table() {
    run(async {
        let store = Store::in_memory();
        put(&store, "a", 1).await.unwrap();
        let rows = store.generation(&ROWS);
        store.clear().await.unwrap();
        assert_eq!(get(&store, "a"), None);
        assert_ne!(store.generation(&ROWS), rows);
        put(&store, "a", 2).await.unwrap();
        assert_eq!(get(&store, "a"), Some(2));
    });
}

/// A backend whose disk fails at the third write.
#[derive(Default)]
struct Failing {
    memory: backend::Memory,
    writes: std::sync::atomic::AtomicU64,
}

impl Backend for Failing {
    fn snapshot(&self) -> Result<Box<dyn backend::Snapshot + '_>, Error> {
        self.memory.snapshot()
    }

    fn apply(&self, batch: backend::Batch) -> Result<(), Error> {
        match self.writes.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            2 => Err(Error::backend("writing")(std::io::Error::other("no space"))),
            _ => self.memory.apply(batch),
        }
    }

    fn clear(&self) -> Result<(), Error> {
        self.memory.clear()
    }
}

#[test]
fn a_failed_write_is_answered_and_leaves_no_trace() {
    run(async {
        let store = Store::new(Box::new(Failing::default()));
        for (count, seen) in [(1, 1), (2, 2), (3, 2), (4, 4)] {
            let written = put(&store, "a", count).await;
            assert_eq!(matches!(written, Err(Error::Backend { .. })), count == 3);
            assert_eq!(get(&store, "a"), Some(seen));
        }
    });
}

#[test]
fn two_tables_of_one_name_are_refused() {
    table! {
        FIRST: u64 => u64, name = "test.same", version = 1;
        SECOND: u64 => u64, name = "test.same", version = 1;
    }
    let store = Store::in_memory();
    store.generation(&FIRST);
    let second =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.generation(&SECOND)));
    assert!(second.is_err());
}

#[test]
fn prefixes_of_text() {
    run(async {
        let store = Store::in_memory();
        for name in ["/aws/a", "/aws/b", "/awt", "/av"] {
            put(&store, name, 0).await.unwrap();
        }
        let keys = store.view(|view| view.scan_keys(&COUNTS, Prefix::text((), "/aws/"), 10)).await;
        assert_eq!(keys.unwrap(), ["/aws/a", "/aws/b"]);
    });
}
