//! What the disk itself does, to set other numbers in proportion to.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Appends `bytes` and waits for `fdatasync`, over and over for `time`; how often per second.
#[expect(clippy::disallowed_methods, reason = "benchmarks measure real time")]
pub fn durable_appends_per_second(dir: &Path, bytes: usize, time: Duration) -> f64 {
    let path = dir.join("appends");
    let mut file = OpenOptions::new().create(true).append(true).open(&path).expect("a file");
    let (data, begun, mut appends) = (vec![7; bytes], Instant::now(), 0u32);
    while begun.elapsed() < time {
        file.write_all(&data).expect("appends");
        file.sync_data().expect("syncs");
        appends += 1;
    }
    let rate = f64::from(appends) / begun.elapsed().as_secs_f64();
    std::fs::remove_file(path).expect("removes its own file");
    rate
}
