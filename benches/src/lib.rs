//! Measured claims; see README.md. What several of them need.

#![forbid(unsafe_code)]

pub mod client;
pub mod cloud;
pub mod disk;
pub mod small_writes;
pub mod table;

/// The middle of the measurements, which other work on the machine disturbs least.
pub fn median(mut measurements: Vec<f64>) -> f64 {
    measurements.sort_by(f64::total_cmp);
    measurements[measurements.len() / 2]
}

/// How long `work` takes, in milliseconds.
#[expect(clippy::disallowed_methods, reason = "benchmarks measure real time")]
pub fn milliseconds(work: impl FnOnce()) -> f64 {
    let began = std::time::Instant::now();
    work();
    began.elapsed().as_secs_f64() * 1e3
}

/// For a table: `1.234 ms`, `12.3 µs`.
pub fn readable(time: std::time::Duration) -> String {
    match time.as_secs_f64() {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.2} ms", s * 1e3),
        s => format!("{:.2} µs", s * 1e6),
    }
}

/// Time that goes by.
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Begins now.
    #[expect(clippy::disallowed_methods, reason = "benchmarks measure real time")]
    pub fn start() -> Self {
        Stopwatch(std::time::Instant::now())
    }

    /// Since then.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
