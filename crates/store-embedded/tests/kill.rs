//! An acknowledged write survives `kill -9`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use store::{Error, Prefix, Store};

store::table! {
    /// The child's rows: writer and number.
    WRITES: (u64, u64) => String, name = "test.writes", version = 1;
}

const WRITERS: u64 = 16;
const KILLS: u64 = 20;
/// Tells this program, run again, to write into a directory until it is killed.
const CHILD_DIR: &str = "STORE_EMBEDDED_KILL_TEST_DIR";

/// Method: a child writes with 16 writers and prints each row once it is acknowledged. It is killed after a different
/// number of rows each time; every printed row must then be there, and none with a gap before it.
#[test]
fn acknowledged_rows_survive_kills() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = [0; WRITERS as usize];
    for kill in 0..KILLS {
        let lines_before_kill = 50 + kill * 97;
        run_and_kill(dir.path(), lines_before_kill, &mut acknowledged);
        let store = open(dir.path());
        for (writer, acknowledged) in (0..).zip(acknowledged) {
            let rows = count(&store, writer);
            // One more may have been written without the answer being seen.
            assert!(
                (acknowledged..=acknowledged + 1).contains(&rows),
                "kill {kill}: writer {writer} has {rows} rows and {acknowledged} acknowledged"
            );
        }
        acknowledged = std::array::from_fn(|writer| count(&store, writer as u64));
    }
}

fn open(dir: &Path) -> Store {
    Store::new(store_embedded::open(dir).unwrap())
}

/// The rows of `writer`, which are numbered without gaps.
fn count(store: &Store, writer: u64) -> u64 {
    let mut rows = 0;
    while store.get(&WRITES, &(writer, rows)).unwrap().is_some() {
        rows += 1;
    }
    let (lower, limit) = ((writer, rows), store::limits::SCAN_ROWS_MAX);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let range = Prefix::of((writer,)).from(lower);
    let beyond = store.view(|view| view.scan_keys(&WRITES, range, limit));
    assert_eq!(runtime.block_on(beyond).unwrap(), [], "rows after a gap");
    rows
}

#[expect(clippy::disallowed_methods, reason = "a process to kill")]
fn run_and_kill(dir: &Path, lines_before_kill: u64, acknowledged: &mut [u64; WRITERS as usize]) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writes_until_killed", "--nocapture", "--test-threads=1"])
        .env(CHILD_DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut seen = 0;
    // Goes on after the kill: what was printed before it was acknowledged.
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((writer, number)) = line.strip_prefix("row ").and_then(|row| row.split_once(' '))
        else {
            continue;
        };
        acknowledged[writer.parse::<usize>().unwrap()] = number.parse::<u64>().unwrap() + 1;
        seen += 1;
        if seen == lines_before_kill {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(seen >= lines_before_kill, "the child ended by itself");
}

/// The child. Does nothing when it is run as one of the tests.
#[test]
#[expect(clippy::disallowed_methods, reason = "how the parent names the directory")]
fn writes_until_killed() {
    let Ok(dir) = std::env::var(CHILD_DIR) else { return };
    let store = open(Path::new(&dir));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let (store, first) = (store.clone(), count_before(&store, writer));
            writers.spawn(async move {
                for number in first.. {
                    let write = store.transact(move |tx| {
                        tx.put(&WRITES, &(writer, number), &"a row".repeat(40))
                    });
                    let written: Result<(), Error> = write.await;
                    written.unwrap();
                    println!("row {writer} {number}");
                }
            });
        }
        writers.join_all().await;
    });
}

fn count_before(store: &Store, writer: u64) -> u64 {
    (0..).find(|number| store.get(&WRITES, &(writer, *number)).unwrap().is_none()).unwrap()
}
