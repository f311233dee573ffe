//! Points in time.

use std::fmt;
use std::time::Duration;

/// Nanoseconds since 1970-01-01T00:00:00Z. Comes from a [`crate::Clock`] or from stored or received data only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

impl Time {
    /// From stored or received nanoseconds since the epoch.
    pub const fn from_unix_ns(ns: u64) -> Self {
        Time(ns)
    }

    /// From stored or received milliseconds since the epoch; saturates in the year 2554.
    pub const fn from_unix_ms(ms: u64) -> Self {
        Time(ms.saturating_mul(1_000_000))
    }

    /// From stored or received seconds since the epoch; saturates in the year 2554.
    pub const fn from_unix_s(s: u64) -> Self {
        Time(s.saturating_mul(1_000_000_000))
    }

    /// Whole nanoseconds since the epoch.
    pub const fn unix_ns(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the epoch.
    pub const fn unix_ms(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Whole seconds since the epoch.
    pub const fn unix_s(self) -> u64 {
        self.0 / 1_000_000_000
    }

    /// How long `self` is after `earlier`; zero if it is not.
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// The proleptic Gregorian calendar's view of this time, in UTC.
    pub const fn civil(self) -> Civil {
        // Howard Hinnant's `civil_from_days`: eras of 400 years that begin on 1 March.
        // <https://howardhinnant.github.io/date_algorithms.html>
        let (seconds, nanosecond) = (self.unix_s(), (self.0 % 1_000_000_000) as u32);
        let days = (seconds / 86_400) as i64 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let second_of_day = (seconds % 86_400) as u32;
        Civil {
            year: (year_of_era + era * 400 + (month <= 2) as i64) as u32,
            month: month as u32,
            day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32,
            hour: second_of_day / 3_600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
            nanosecond,
        }
    }
}

/// A calendar date and time of day in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Civil {
    /// 1970 to 2554.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59; there are no leap seconds in Unix time.
    pub second: u32,
    /// 0 to 999,999,999.
    pub nanosecond: u32,
}

impl std::ops::Add<Duration> for Time {
    type Output = Time;
    fn add(self, by: Duration) -> Time {
        Time(self.0.saturating_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl std::ops::Sub<Duration> for Time {
    type Output = Time;
    fn sub(self, by: Duration) -> Time {
        Time(self.0.saturating_sub(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)))
    }
}

/// ISO 8601 with milliseconds: `2026-11-22T14:54:00.000Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            c.year, c.month, c.day, c.hour, c.minute, c.second
        )?;
        write!(f, ".{:03}Z", c.nanosecond / 1_000_000)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar() {
        assert_eq!(Time::default().to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Time::from_unix_ms(1_709_210_096_789).to_string(), "2024-02-29T12:34:56.789Z");
        assert_eq!(Time::from_unix_s(4_102_444_799).to_string(), "2099-12-31T23:59:59.000Z");
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Time::from_unix_s(1) - Duration::from_secs(2), Time::default());
        assert_eq!(Time::from_unix_ms(u64::MAX) + Duration::MAX, Time::from_unix_ns(u64::MAX));
        assert_eq!(Time::from_unix_s(1).since(Time::from_unix_s(2)), Duration::ZERO);
    }
}
