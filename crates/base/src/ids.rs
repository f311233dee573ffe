//! Account ids, regions and request ids.

use crate::Entropy;
use std::fmt;

/// A 12-digit AWS account id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

impl AccountId {
    /// The account whose root user the access key `test` is.
    pub const DEFAULT: AccountId = AccountId(0);

    /// `text` must be exactly 12 ASCII digits.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        valid.then(|| text.parse().ok().map(AccountId)).flatten()
    }

    /// As a number below 10^12.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A region name such as `us-east-1`: lower-case letters, digits and hyphens, 1 to 32 of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(std::sync::Arc<str>);

impl Region {
    /// The region of requests that name none.
    pub const DEFAULT: &'static str = "us-east-1";

    /// Any name of the right form is a region: clients may use regions that AWS has yet to open.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        valid.then(|| Region(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Region {
    fn default() -> Self {
        Region(Self::DEFAULT.into())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of one request: a version 4 UUID, as AWS prints them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// A new random id.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        // RFC 9562, sections 4.1 and 5.4: version 4, variant 10.
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        RequestId(bytes)
    }

    /// Reads the hyphenated form with 36 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.len() != 36 || [8, 13, 18, 23].iter().any(|i| text[*i] != b'-') {
            return None;
        }
        let mut nibbles = text.iter().filter(|b| **b != b'-').map(|b| (*b as char).to_digit(16));
        let mut bytes = [0; 16];
        for byte in &mut bytes {
            *byte = (nibbles.next()?? * 16 + nibbles.next()??) as u8;
        }
        Some(RequestId(bytes))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut at = 0;
        for (i, byte) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                at += 1;
            }
            text[at] = HEX[usize::from(byte >> 4)];
            text[at + 1] = HEX[usize::from(byte & 15)];
            at += 2;
        }
        f.write_str(std::str::from_utf8(&text).expect("hexadecimal digits and hyphens are ASCII"))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_are_twelve_digits() {
        assert_eq!(AccountId::parse("000000000042").unwrap().to_string(), "000000000042");
        for bad in ["", "42", "00000000004x", "0000000000042", "+00000000042"] {
            assert!(AccountId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn request_ids_round_trip_and_are_version_4() {
        let id = RequestId::new(&crate::SeededEntropy::new(7));
        let text = id.to_string();
        assert_eq!(RequestId::parse(&text), Some(id));
        assert_eq!(text.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&text.as_bytes()[19]));
        assert!(RequestId::parse(&text[1..]).is_none());
    }

    #[test]
    fn regions_are_names() {
        assert!(Region::parse("eu-central-1").is_some());
        for bad in ["", "EU", "a/b", "x y"] {
            assert!(Region::parse(bad).is_none(), "{bad}");
        }
    }
}
