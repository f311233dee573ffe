//! Checksums of objects and parts.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use crate::errors;
use crate::model::crc::Crc;
use crate::tables::ChecksumRecord;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use wire::Error;

/// What a checksum is made with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Algorithm {
    /// A cyclic redundancy check.
    Crc(Crc),
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// Every algorithm with its name and its header.
const ALL: [(Algorithm, &str, &str); 5] = [
    (Algorithm::Crc(Crc::Crc32), "CRC32", "x-amz-checksum-crc32"),
    (Algorithm::Crc(Crc::Crc32c), "CRC32C", "x-amz-checksum-crc32c"),
    (Algorithm::Crc(Crc::Crc64Nvme), "CRC64NVME", "x-amz-checksum-crc64nvme"),
    (Algorithm::Sha1, "SHA1", "x-amz-checksum-sha1"),
    (Algorithm::Sha256, "SHA256", "x-amz-checksum-sha256"),
];

impl Algorithm {
    /// What S3 uses where nobody asked for another.
    pub const DEFAULT: Algorithm = Algorithm::Crc(Crc::Crc64Nvme);

    /// By its name, in whatever case.
    pub fn parse(name: &str) -> Result<Self, Error> {
        let mut all = ALL.iter();
        let found = all.find(|(_, known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(algorithm, ..)| *algorithm).ok_or_else(errors::unknown_checksum_algorithm)
    }

    fn entry(self) -> &'static (Algorithm, &'static str, &'static str) {
        let found = ALL.iter().find(|(algorithm, ..)| *algorithm == self);
        found.expect("the list has every algorithm")
    }

    /// As AWS names it: `CRC32`.
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// The header that bears it.
    pub fn header(self) -> &'static str {
        self.entry().2
    }

    /// The bytes of a checksum.
    fn width(self) -> usize {
        match self {
            Algorithm::Crc(crc) => crc.width(),
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }

    /// Whether `value` has the form of a checksum.
    pub fn check_form(self, value: &str) -> Result<(), Error> {
        let bytes = STANDARD.decode(value).ok().filter(|bytes| bytes.len() == self.width());
        bytes.map(drop).ok_or_else(|| errors::invalid_checksum_header(self.header()))
    }

    /// The checksum of parts, one behind the other: of the whole, or of the parts' checksums.
    ///
    /// `parts` are checksums in base64 and sizes. None if one of them has not the right form.
    pub fn join(self, parts: &[(&str, u64)], composite: bool) -> Option<ChecksumRecord> {
        let value = if composite {
            let mut hasher = Hasher::new(self);
            for (value, _) in parts {
                hasher.update(&STANDARD.decode(value).ok()?);
            }
            format!("{}-{}", hasher.finish().value, parts.len())
        } else {
            let Algorithm::Crc(crc) = self else { return None };
            let mut whole = 0;
            for (value, bytes) in parts {
                whole = crc.combine(whole, number(&STANDARD.decode(value).ok()?), *bytes);
            }
            text(crc, whole)
        };
        Some(ChecksumRecord { algorithm: self.name().to_string(), value, composite })
    }

    /// Whether the checksum of the whole follows from those of its parts.
    pub fn can_be_full(self) -> bool {
        matches!(self, Algorithm::Crc(_))
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn text(crc: Crc, value: u64) -> String {
    STANDARD.encode(&value.to_be_bytes()[8 - crc.width()..])
}

/// Makes a checksum of what passes.
pub struct Hasher(State);

enum State {
    Crc(Crc, u64),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    /// Of nothing yet.
    pub fn new(algorithm: Algorithm) -> Self {
        Hasher(match algorithm {
            Algorithm::Crc(crc) => State::Crc(crc, 0),
            Algorithm::Sha1 => State::Sha1(Sha1::new()),
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
        })
    }

    /// Takes in more.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Crc(crc, value) => *value = crc.update(*value, bytes),
            State::Sha1(hasher) => hasher.update(bytes),
            State::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// The checksum.
    pub fn finish(self) -> ChecksumRecord {
        let (algorithm, value) = match self.0 {
            State::Crc(crc, value) => (Algorithm::Crc(crc), text(crc, value)),
            State::Sha1(hasher) => (Algorithm::Sha1, STANDARD.encode(hasher.finalize())),
            State::Sha256(hasher) => (Algorithm::Sha256, STANDARD.encode(hasher.finalize())),
        };
        ChecksumRecord { algorithm: algorithm.name().to_string(), value, composite: false }
    }
}

/// What a request says of the checksum of its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Which one.
    pub algorithm: Algorithm,
    /// What it must be; None where that comes behind the body, or where nobody said.
    pub value: Option<String>,
    /// Whether the value comes behind the body.
    pub behind: bool,
}

impl Wanted {
    /// `named` is what `x-amz-sdk-checksum-algorithm` says, `given` the values in headers.
    pub fn new(named: Option<&str>, given: &[(Algorithm, &Option<String>)]) -> Result<Self, Error> {
        let mut given = given.iter().filter_map(|(a, value)| Some((*a, value.as_deref()?)));
        let first = given.next();
        if given.next().is_some() {
            return Err(errors::many_checksums());
        }
        let named = named.map(Algorithm::parse).transpose()?;
        Ok(match (first, named) {
            (Some((algorithm, value)), _) => {
                algorithm.check_form(value)?;
                Wanted { algorithm, value: Some(value.to_string()), behind: false }
            }
            (None, Some(algorithm)) => Wanted { algorithm, value: None, behind: true },
            (None, None) => Wanted { algorithm: Algorithm::DEFAULT, value: None, behind: false },
        })
    }

    /// Whether `found` is the one. `behind` finds the value that came behind the body.
    pub fn check(
        &self,
        found: &ChecksumRecord,
        behind: impl FnOnce(&str) -> Option<String>,
    ) -> Result<(), Error> {
        let expected = match (&self.value, self.behind) {
            (Some(value), _) => value.clone(),
            (None, false) => return Ok(()),
            (None, true) => {
                let value = behind(self.algorithm.header());
                let value = value.ok_or_else(errors::checksum_not_sent)?;
                self.algorithm.check_form(&value)?;
                value
            }
        };
        match expected == found.value {
            true => Ok(()),
            false => Err(errors::bad_checksum(self.algorithm.name())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish().value
    }

    /// Recorded: PutObject of `test-delete`; CompleteMultipartUpload of one part `test`.
    #[test]
    fn recorded_values() {
        assert_eq!(of(Algorithm::Crc(Crc::Crc32), b"test-delete"), "1jy6qw==");
        assert_eq!(of(Algorithm::Crc(Crc::Crc64Nvme), b"test"), "+bu+zv66sUM=");
    }

    #[test]
    fn parts_join() {
        for (algorithm, ..) in ALL {
            let parts = [of(algorithm, b"hello "), of(algorithm, b"world")];
            let parts = [(&*parts[0], 6), (&*parts[1], 5)];
            let composite = algorithm.join(&parts, true).unwrap();
            assert!(composite.composite && composite.value.ends_with("-2"));
            let full = algorithm.join(&parts, false);
            assert_eq!(full.is_some(), algorithm.can_be_full());
            assert!(full.is_none_or(|full| full.value == of(algorithm, b"hello world")));
        }
    }

    #[test]
    fn what_requests_say() {
        let (none, some) = (None, Some("AAAAAA==".to_string()));
        let crc32 = Algorithm::Crc(Crc::Crc32);
        let wanted = |named: Option<&str>, value: &Option<String>| {
            Wanted::new(named, &[(crc32, value), (Algorithm::Sha1, &none)])
        };
        assert_eq!(wanted(None, &none).unwrap().algorithm, Algorithm::DEFAULT);
        assert!(wanted(Some("crc32c"), &none).unwrap().behind);
        assert_eq!(wanted(Some("CRC32"), &some).unwrap().value, some);
        assert!(wanted(Some("MD4"), &none).is_err());
        assert!(wanted(None, &Some("AAAA".into())).is_err());
        assert!(Wanted::new(None, &[(crc32, &some), (Algorithm::Sha1, &some)]).is_err());
        let found = Hasher::new(crc32).finish();
        let behind = wanted(Some("CRC32"), &none).unwrap();
        assert!(behind.check(&found, |_| some.clone()).is_ok());
        assert!(behind.check(&found, |_| Some("AAAAAQ==".into())).is_err());
        assert!(behind.check(&found, |_| None).is_err());
    }
}
