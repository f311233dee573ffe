//! Dates as conditions hold them: ISO 8601 in the forms of <https://www.w3.org/TR/NOTE-datetime>, or seconds since
//! the epoch.

/// Seconds since 1970-01-01T00:00:00Z, with a fraction; negative before it.
pub(crate) fn parse(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<i64>()
        && text.len() != 4
    {
        return Some(seconds as f64);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut fields = date.split('-');
    let year = number(fields.next()?, 4, 0..=9_999)?;
    let month = fields.next().map_or(Some(1), |month| number(month, 2, 1..=12))?;
    let day = fields.next().map_or(Some(1), |day| number(day, 2, 1..=31))?;
    if fields.next().is_some() {
        return None;
    }
    let seconds = time.map_or(Some(0.0), time_of_day)?;
    Some(days_since_epoch(year, month, day) as f64 * 86_400.0 + seconds)
}

/// `hh:mm[:ss[.fraction]]` with `Z`, `+hh:mm`, `-hh:mm` or nothing behind it; seconds since midnight in UTC.
fn time_of_day(text: &str) -> Option<f64> {
    let (clock, offset_s) = match text.find(['Z', 'z', '+', '-']) {
        None => (text, 0),
        Some(at) if text[at..].eq_ignore_ascii_case("z") => (&text[..at], 0),
        Some(at) => {
            let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
            let (hours, minutes) = text[at + 1..].split_once(':')?;
            let seconds = number(hours, 2, 0..=23)? * 3_600 + number(minutes, 2, 0..=59)? * 60;
            (&text[..at], sign * seconds)
        }
    };
    let mut fields = clock.split(':');
    let hour = number(fields.next()?, 2, 0..=23)?;
    let minute = number(fields.next()?, 2, 0..=59)?;
    let second = match fields.next() {
        None => 0.0,
        Some(second) => {
            let (whole, fraction) = second.split_once('.').unwrap_or((second, ""));
            if !fraction.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let fraction =
                if fraction.is_empty() { 0.0 } else { format!("0.{fraction}").parse().ok()? };
            number(whole, 2, 0..=59)? as f64 + fraction
        }
    };
    if fields.next().is_some() {
        return None;
    }
    Some((hour * 3_600 + minute * 60 - offset_s) as f64 + second)
}

fn number(text: &str, digits: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let valid = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten().filter(|n| range.contains(n))
}

/// Howard Hinnant's `days_from_civil`. <https://howardhinnant.github.io/date_algorithms.html>
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(parse("2024-02-29T12:34:56.5Z"), Some(1_709_210_096.5));
        assert_eq!(parse("2024-02-29T13:34:56+01:00"), Some(1_709_210_096.0));
        assert_eq!(parse("2024-02-29T12:34Z"), Some(1_709_210_040.0));
        assert_eq!(parse("2024-02-29"), Some(1_709_164_800.0));
        assert_eq!(parse("2024"), Some(1_704_067_200.0));
        assert_eq!(parse("1709210096"), Some(1_709_210_096.0));
        for bad in ["", "x", "2024-13-01", "2024-01-01T25:00Z", "2024-01-01T00:00:00.xZ", "1-2-3"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
