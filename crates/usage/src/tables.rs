//! What is stored.

use base::{AccountId, Region, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::table;

table! {
    /// What a resource used of one usage type in one hour, or in an older day or month ([`crate::fold()`]). The key:
    /// account, beginning of that time, region, the service's code, the usage type's name, the resource's ARN. Size: 20
    /// bytes.
    pub HOURS: (AccountId, Time, Region, String, String, String) => HourRecord, name = "usage.hours", version = 1;
    /// Up to where journals have been added to the rows; one row.
    pub APPLIED: () => AppliedRecord, name = "usage.applied", version = 1;
    /// Up to where hours have been folded into days, and days into months; one row.
    pub FOLDED: () => FoldedRecord, name = "usage.folded", version = 1;
}

/// A quantity; its unit is that of the usage type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourRecord {
    /// The sum.
    pub quantity: u64,
    /// Of how much time.
    #[serde(default, skip_serializing_if = "Span::is_hour")]
    pub span: Span,
}

/// How much time a row is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// One hour.
    #[default]
    Hour,
    /// One day in UTC.
    Day,
    /// One calendar month in UTC.
    Month,
}

impl Span {
    fn is_hour(&self) -> bool {
        *self == Span::Hour
    }

    /// The beginning of the hour, day or month of this kind in which `at` lies.
    pub fn begin(self, at: Time) -> Time {
        let s = at.unix_s();
        match self {
            Span::Hour => Time::from_unix_s(s / 3_600 * 3_600),
            Span::Day => Time::from_unix_s(s / DAY_S * DAY_S),
            Span::Month => Time::from_unix_s((s / DAY_S - u64::from(at.civil().day - 1)) * DAY_S),
        }
    }

    /// The end of the hour, day or month that begins at `begin`.
    pub fn end(self, begin: Time) -> Time {
        match self {
            Span::Hour => begin + Duration::from_secs(3_600),
            Span::Day => begin + Duration::from_secs(DAY_S),
            // No month has more days than 31, and the next one has more than 4.
            Span::Month => Span::Month.begin(begin + Duration::from_secs(32 * DAY_S)),
        }
    }
}

const DAY_S: u64 = 86_400;

/// How far journals have been added to the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedRecord {
    /// All journals with smaller numbers have been added.
    pub journal: u64,
    /// Parts of that journal that have been added; see [`crate::limits::FLUSH_ROWS_MAX`].
    pub parts: u64,
}

/// How far rows have been folded, in seconds since the epoch: no row before that is about less time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoldedRecord {
    /// Before this there are no hours.
    pub hours_until_s: u64,
    /// Before this there are no days.
    pub days_until_s: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        // 2024-02-29T13:14:15Z.
        let at = Time::from_unix_s(1_709_212_455);
        let text = |span: Span| {
            let begin = span.begin(at);
            assert_eq!(span.begin(begin), begin);
            format!("{begin} {}", span.end(begin)).replace(":00:00.000Z", "")
        };
        assert_eq!(text(Span::Hour), "2024-02-29T13 2024-02-29T14");
        assert_eq!(text(Span::Day), "2024-02-29T00 2024-03-01T00");
        assert_eq!(text(Span::Month), "2024-02-01T00 2024-03-01T00");
    }
}
