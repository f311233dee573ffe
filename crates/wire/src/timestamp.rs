//! Points in time as they stand in messages: possibly before 1970, possibly fractional.

use crate::TimestampFormat;
use std::fmt;
use std::time::Duration;

/// A point in time between the years 0 and 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp {
    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    seconds: i64,
    /// 0 to 999,999,999, to be added.
    nanoseconds: u32,
}

const SECONDS_MIN: i64 = -62_167_219_200;
const SECONDS_MAX: i64 = 253_402_300_799;
const DAY_S: i64 = 86_400;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

impl Timestamp {
    /// `seconds` since the epoch and `nanoseconds` (0 to 999,999,999) on top; none outside the years 0 to 9999.
    pub fn new(seconds: i64, nanoseconds: u32) -> Option<Self> {
        let valid = (SECONDS_MIN..=SECONDS_MAX).contains(&seconds) && nanoseconds < 1_000_000_000;
        valid.then_some(Timestamp { seconds, nanoseconds })
    }

    /// From seconds with a fraction, to the microsecond: more does not survive a 64-bit floating point number.
    pub fn from_epoch_seconds(value: f64) -> Option<Self> {
        let whole = value.floor();
        if !(SECONDS_MIN as f64..=SECONDS_MAX as f64).contains(&whole) {
            return None;
        }
        let microseconds = ((value - whole) * 1e6).round() as u32;
        let carry = i64::from(microseconds / 1_000_000);
        Self::new(whole as i64 + carry, microseconds % 1_000_000 * 1_000)
    }

    /// Whole seconds since the epoch, rounded down; negative before 1970.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// 0 to 999,999,999, to be added to [`Timestamp::seconds`].
    pub fn subsec_nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// Seconds since the epoch with a fraction.
    pub fn epoch_seconds(self) -> f64 {
        self.seconds as f64 + f64::from(self.nanoseconds) / 1e9
    }

    /// As a [`base::Time`]; times before 1970 become 1970.
    pub fn to_time(self) -> base::Time {
        match u64::try_from(self.seconds) {
            Ok(seconds) => {
                base::Time::from_unix_s(seconds) + Duration::from_nanos(self.nanoseconds.into())
            }
            Err(_) => base::Time::default(),
        }
    }

    /// The text in `format`. Fractions are written in milliseconds, as AWS does; HTTP dates have none.
    pub fn format(self, format: TimestampFormat) -> String {
        let milliseconds = self.nanoseconds / 1_000_000;
        if format == TimestampFormat::EpochSeconds {
            return match milliseconds {
                0 => self.seconds.to_string(),
                // A negative time with a fraction: -0.5 is one second before 0 plus 500 ms.
                _ if self.seconds < 0 => {
                    let total = self.seconds * 1_000 + i64::from(milliseconds);
                    format!("-{}.{:03}", -total / 1_000, -total % 1_000)
                }
                _ => format!("{}.{milliseconds:03}", self.seconds),
            };
        }
        let days = self.seconds.div_euclid(DAY_S);
        let (year, month, day) = civil_from_days(days);
        let second_of_day = self.seconds.rem_euclid(DAY_S);
        let (hour, minute, second) =
            (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
        if format == TimestampFormat::HttpDate {
            let weekday = WEEKDAYS[days.rem_euclid(7) as usize];
            let month = MONTHS[month as usize - 1];
            return format!(
                "{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT"
            );
        }
        let whole = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        match milliseconds {
            0 => format!("{whole}Z"),
            _ => format!("{whole}.{milliseconds:03}Z"),
        }
    }

    /// Reads any of the three formats: clients send each of them everywhere, and AWS reads them.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 64 || !text.is_ascii() {
            return None;
        }
        if let Ok(seconds) = text.parse::<i64>() {
            return Self::new(seconds, 0);
        }
        if let Ok(seconds) = text.parse::<f64>() {
            return Self::from_epoch_seconds(seconds);
        }
        if text.as_bytes().get(4) == Some(&b'-') {
            return Self::parse_date_time(text);
        }
        Self::parse_http_date(text)
    }

    fn parse_date_time(text: &str) -> Option<Self> {
        let field = |from: usize, to: usize| number(text.get(from..to)?);
        let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
        let bytes = text.as_bytes();
        if separators.iter().any(|(at, byte)| bytes.get(*at) != Some(byte)) {
            return None;
        }
        if !matches!(bytes[10], b'T' | b't' | b' ') {
            return None;
        }
        let date = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
        let local = from_civil(date, (field(11, 13)?, field(14, 16)?, field(17, 19)?))?;
        let rest = &text[19..];
        let (fraction, zone) = match rest.strip_prefix('.') {
            Some(rest) => {
                rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))
            }
            None => ("", rest),
        };
        let offset = match zone.as_bytes() {
            [] | [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]
            | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
                let digit = |b: &u8| b.is_ascii_digit().then(|| i64::from(b - b'0'));
                let hours = digit(h1)? * 10 + digit(h2)?;
                let minutes = digit(m1)? * 10 + digit(m2)?;
                (hours * 3_600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
            }
            _ => return None,
        };
        Self::new(local - offset, nanoseconds(fraction)?)
    }

    /// `Sun, 22 Nov 2026 14:54:00 GMT`, with or without a fraction of the second.
    fn parse_http_date(text: &str) -> Option<Self> {
        let mut fields = text.split([' ', ',', '-', ':']).filter(|field| !field.is_empty());
        let mut next = || fields.next();
        let (_weekday, day) = (next()?, number(next()?)?);
        let month_name = next()?;
        let month = MONTHS.iter().position(|month| *month == month_name)? as i64 + 1;
        let year = number(next()?)?;
        let (hour, minute, last) = (number(next()?)?, number(next()?)?, next()?);
        if next()? != "GMT" {
            return None;
        }
        let (second, fraction) = last.split_once('.').unwrap_or((last, ""));
        let seconds = from_civil((year, month, day), (hour, minute, number(second)?))?;
        Self::new(seconds, nanoseconds(fraction)?)
    }
}

/// One to four ASCII digits.
fn number(text: &str) -> Option<i64> {
    let valid = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

/// The digits behind the point; more than nine are cut.
fn nanoseconds(fraction: &str) -> Option<u32> {
    let mut digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    digits.try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

fn from_civil(date: (i64, i64, i64), time: (i64, i64, i64)) -> Option<i64> {
    let ((year, month, day), (hour, minute, second)) = (date, time);
    let valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    valid.then(|| days_from_civil(year, month, day) * DAY_S + hour * 3_600 + minute * 60 + second)
}

// Both ways of Howard Hinnant's calendar: eras of 400 years that begin on 1 March.
// <https://howardhinnant.github.io/date_algorithms.html>

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl From<base::Time> for Timestamp {
    fn from(time: base::Time) -> Self {
        let nanoseconds = (time.unix_ns() % 1_000_000_000) as u32;
        Timestamp { seconds: time.unix_s() as i64, nanoseconds }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format(TimestampFormat::DateTime))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_round_trip() {
        for (seconds, nanoseconds) in [
            (0, 0),
            (1_398_796_238, 0),
            (1_398_796_238, 123_000_000),
            (-1, 0),
            (-86_401, 500_000_000),
        ] {
            let time = Timestamp::new(seconds, nanoseconds).unwrap();
            for format in [TimestampFormat::EpochSeconds, TimestampFormat::DateTime] {
                let text = time.format(format);
                assert_eq!(Timestamp::parse(&text), Some(time), "{text}");
            }
            let text = time.format(TimestampFormat::HttpDate);
            assert_eq!(Timestamp::parse(&text), Timestamp::new(seconds, 0), "{text}");
        }
    }

    #[test]
    fn texts() {
        let time = Timestamp::new(1_398_796_238, 0).unwrap();
        assert_eq!(time.format(TimestampFormat::HttpDate), "Tue, 29 Apr 2014 18:30:38 GMT");
        assert_eq!(Timestamp::parse("2014-04-29T19:30:38+01:00"), Some(time));
        assert_eq!(Timestamp::parse("2014-04-29 18:30:38"), Some(time));
        assert_eq!(Timestamp::parse("1398796238"), Some(time));
        let before = Timestamp::new(-1, 500_000_000).unwrap();
        assert_eq!(before.format(TimestampFormat::EpochSeconds), "-0.500");
    }

    #[test]
    fn malformed() {
        for bad in [
            "",
            "x",
            "NaN",
            "inf",
            "1e300",
            "99999999999999999999",
            "2014-13-29T18:30:38Z",
            "2014-04-29T18:30:38+1",
            "2014-04-29",
            "2014-04-29T18:30:38ä",
            "Tue, 29 Abc 2014 18:30:38 GMT",
            "Tue, 29 Apr 2014",
        ] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }
}
