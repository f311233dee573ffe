//! The header `Range`.

use crate::errors;
use wire::Error;

/// Bytes of an object: the first one, and how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// The first byte.
    pub start: u64,
    /// How many; zero for an empty object only.
    pub bytes: u64,
}

impl Range {
    /// All of an object.
    pub fn whole(size: u64) -> Self {
        Range { start: 0, bytes: size }
    }

    /// What `header` asks of `size` bytes; None where it is to be ignored: it is malformed, or asks for several ranges.
    /// Recorded.
    pub fn parse(header: &str, size: u64) -> Result<Option<Self>, Error> {
        let Some((first, last)) = header.strip_prefix("bytes=").and_then(|r| r.split_once('-'))
        else {
            return Ok(None);
        };
        let number = |text: &str| match text.bytes().all(|b| b.is_ascii_digit()) {
            true => text.parse::<u64>().ok(),
            false => None,
        };
        let unsatisfiable = || errors::invalid_range(header, size);
        if first.is_empty() {
            // The last so many bytes.
            let Some(bytes) = number(last) else { return Ok(None) };
            if bytes == 0 || size == 0 {
                return Err(unsatisfiable());
            }
            let bytes = bytes.min(size);
            return Ok(Some(Range { start: size - bytes, bytes }));
        }
        let Some(first) = number(first) else { return Ok(None) };
        let last = match last {
            "" => u64::MAX,
            last => match number(last) {
                Some(last) if last >= first => last,
                _ => return Ok(None),
            },
        };
        if first >= size {
            return Err(unsatisfiable());
        }
        Ok(Some(Range { start: first, bytes: last.min(size - 1) - first + 1 }))
    }

    /// As `Content-Range` shows it.
    pub fn content_range(self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.start, (self.start + self.bytes).saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    /// Recorded, of an object of ten bytes.
    #[test]
    fn recorded() {
        let of = |text: &str| Range::parse(&format!("bytes={text}"), 10);
        let range = |text: &str| of(text).unwrap().map(|r| r.content_range(10));
        for ignored in ["-", "-1-", "0--1", "1-0", "0-1,3-4,7-9"] {
            assert_eq!(range(ignored), None, "{ignored}");
        }
        for (text, expected) in [
            ("-15", "bytes 0-9/10"),
            ("-2", "bytes 8-9/10"),
            ("-9", "bytes 1-9/10"),
            ("0-0", "bytes 0-0/10"),
            ("0-100", "bytes 0-9/10"),
            ("0-8", "bytes 0-8/10"),
            ("1-", "bytes 1-9/10"),
            ("1-1", "bytes 1-1/10"),
        ] {
            assert_eq!(range(text).as_deref(), Some(expected), "{text}");
        }
        assert!(of("-0").is_err() && of("100-200").is_err() && of("10-").is_err());
        assert_eq!(Range::parse("0-8", 10).unwrap(), None);
        assert!(Range::parse("bytes=0-", 0).is_err());
        let beyond = "99999999999999999999";
        assert_eq!(range(&format!("{beyond}-")), None);
        assert_eq!(Range::whole(3).content_range(3), "bytes 0-2/3");
    }
}
