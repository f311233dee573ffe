//! Durable small writes per second with 16 writers, beside the disk's own durable appends in the same run.
//!
//! `cargo run --release -p benches --bin store_writes [DIR]`; the directory decides which disk is measured.

use benches::{disk, median, small_writes};
use std::time::Duration;
use store::Store;

const WRITERS: u64 = 16;
const REPEATS: usize = 5;

fn main() {
    let parent = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let (mut writes, mut appends, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut reads_us = Vec::new();
    for _ in 0..REPEATS {
        let dir = tempfile::tempdir_in(&parent).expect("a directory");
        let disk_rate =
            || disk::durable_appends_per_second(dir.path(), 200, Duration::from_millis(500));
        let before = disk_rate();
        let store = Store::new(store_embedded::open(&dir.path().join("store")).expect("opens"));
        let rate = small_writes::per_second(&store, WRITERS, Duration::from_secs(3));
        reads_us.push(small_writes::read_time(&store).as_secs_f64() * 1e6);
        drop(store);
        let append_rate = (before + disk_rate()) / 2.0;
        writes.push(rate);
        appends.push(append_rate);
        ratios.push(rate / append_rate);
    }
    println!("durable appends of the disk: {:.0}/s", median(appends));
    println!("durable small writes, {WRITERS} writers: {:.0}/s", median(writes));
    println!("ratio: {:.2}", median(ratios));
    println!("one row read: {:.1} µs", median(reads_us));
}
