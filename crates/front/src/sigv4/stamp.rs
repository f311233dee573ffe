//! The forms in which SigV4 writes dates.

use base::Time;
use std::fmt::Write;

/// `20150830T123600Z`, ISO 8601 in the basic format and in UTC, or an HTTP date as in RFC 9110, section 5.6.7.
pub(super) fn parse(text: &str) -> Option<Time> {
    parse_basic(text).or_else(|| parse_http(text))
}

fn parse_basic(text: &str) -> Option<Time> {
    let b = text.as_bytes();
    if b.len() != 16 || b[8] != b'T' || b[15] != b'Z' {
        return None;
    }
    let part = |from: usize, to: usize| number(&b[from..to]);
    time(part(0, 4)?, part(4, 6)?, part(6, 8)?, [part(9, 11)?, part(11, 13)?, part(13, 15)?])
}

/// `Sun, 30 Aug 2015 12:36:00 GMT`.
fn parse_http(text: &str) -> Option<Time> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let b = text.as_bytes();
    if b.len() != 29 || !text.is_ascii() || &text[3..5] != ", " || &text[25..] != " GMT" {
        return None;
    }
    let month = MONTHS.find(&text[8..11]).filter(|at| at % 3 == 0)? as u64 / 3 + 1;
    let clock = [number(&b[17..19])?, number(&b[20..22])?, number(&b[23..25])?];
    time(number(&b[12..16])?, month, number(&b[5..7])?, clock)
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u64::from(b - b'0')))
}

/// None for dates before 1970 or that no calendar has.
fn time(year: u64, month: u64, day: u64, [hour, minute, second]: [u64; 3]) -> Option<Time> {
    if year < 1970 || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Howard Hinnant's `days_from_civil`. <https://howardhinnant.github.io/date_algorithms.html>
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y / 400 * 146_097 + y % 400 * 365 + y % 400 / 4 - y % 400 / 100
        + (153 * m + 2) / 5
        + day.checked_sub(1)?
        - 719_468;
    let time = Time::from_unix_s(days * 86_400 + hour * 3_600 + minute * 60 + second);
    // A day that its month lacks has moved into the next one.
    (u64::from(time.civil().day) == day).then_some(time)
}

/// `20150830T123600Z`.
pub(super) fn format(time: Time) -> String {
    let c = time.civil();
    let mut out = String::with_capacity(16);
    let _ = write!(out, "{:04}{:02}{:02}", c.year, c.month, c.day);
    let _ = write!(out, "T{:02}{:02}{:02}Z", c.hour, c.minute, c.second);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_the_same_second() {
        let time = parse("20150830T123600Z").unwrap();
        assert_eq!(time.to_string(), "2015-08-30T12:36:00.000Z");
        assert_eq!(parse("Sun, 30 Aug 2015 12:36:00 GMT"), Some(time));
        assert_eq!(format(time), "20150830T123600Z");
        assert_eq!(parse("20240229T000000Z").unwrap().to_string(), "2024-02-29T00:00:00.000Z");
        assert_eq!(parse("19700101T000000Z"), Some(Time::default()));
    }

    #[test]
    fn what_is_no_date() {
        for bad in [
            "",
            "20150830",
            "20150830T123600",
            "20150830T1236000",
            "20150230T123600Z",
            "20230229T123600Z",
            "20150800T123600Z",
            "20151301T123600Z",
            "20150830T240000Z",
            "19691231T235959Z",
            "2015083xT123600Z",
            "Sun, 30 Foo 2015 12:36:00 GMT",
            "Sun, 30 anF 2015 12:36:00 GMT",
            "Sün, 30 Aug 2015 12:36:00 GMT",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
