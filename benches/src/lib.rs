//! Measured claims; see README.md. What several of them need.

#![forbid(unsafe_code)]

pub mod disk;
pub mod small_writes;

use std::time::Duration;

/// The middle of the measurements, which other work on the machine disturbs least.
pub fn median(mut measurements: Vec<f64>) -> f64 {
    measurements.sort_by(f64::total_cmp);
    measurements[measurements.len() / 2]
}

/// For a table: `1.234 ms`, `12.3 µs`.
pub fn readable(time: Duration) -> String {
    match time.as_secs_f64() {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.2} ms", s * 1e3),
        s => format!("{:.2} µs", s * 1e6),
    }
}
