//! Bounds of this crate.

use std::time::Duration;

/// How often what was recorded is added to the rows. A crash of the machine loses at most as much.
pub const FLUSH_PERIOD: Duration = Duration::from_secs(1);
/// Rows that one transaction of a flush changes.
pub const FLUSH_ROWS_MAX: usize = 1_000;
/// Rows that one scan of a bill reads.
pub const SCAN_ROWS: usize = 5_000;
/// Lines of a bill; more are an error that asks for another grouping or a shorter time.
pub const LINES_MAX: usize = 20_000;
