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
/// Hours that are over for longer become days. All three are those of AWS's Cost Explorer:
/// <https://docs.aws.amazon.com/cost-management/latest/userguide/ce-granular-data.html>.
pub const HOURS_KEPT: Duration = Duration::from_secs(14 * 86_400);
/// Days that are over for longer become months: 14 months.
pub const DAYS_KEPT: Duration = Duration::from_secs(426 * 86_400);
/// Months that are over for longer are removed: 38 months.
pub const MONTHS_KEPT: Duration = Duration::from_secs(1_157 * 86_400);
/// How often it is looked for what has become old.
pub const FOLD_PERIOD: Duration = Duration::from_secs(3_600);
/// Rows that one transaction folds or removes.
pub const FOLD_ROWS_MAX: usize = 1_000;
