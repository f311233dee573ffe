//! Ids of versions and of uploads.
//!
//! An id carries where its row is, and a code that shows that this cloud made it: others are told from those of deleted
//! versions, as AWS does (recorded). Clients see 32 characters without meaning.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Makes and reads ids.
#[derive(Clone)]
pub struct IdKey([u8; 32]);

/// What an id carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Id {
    /// Chance.
    pub nonce: u64,
    /// A version's number, or when an upload began.
    pub number: u64,
}

/// Which ids there are; one is not the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// Of versions.
    Version,
    /// Of multipart uploads.
    Upload,
}

impl IdKey {
    /// From bytes that nobody else knows.
    pub fn new(secret: &[u8]) -> Self {
        IdKey(Sha256::digest(secret).into())
    }

    /// The text of an id. The nonce comes first and so that the id never begins with a dash, which tools take for an
    /// option.
    pub fn text(&self, what: Use, id: Id) -> String {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&(id.nonce & !(1 << 63)).to_be_bytes());
        bytes[8..16].copy_from_slice(&id.number.to_be_bytes());
        let code = self.code(what, &bytes[..16]);
        bytes[16..].copy_from_slice(&code);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What an id carries; None if it was not made here.
    pub fn read(&self, what: Use, text: &str) -> Option<Id> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (front, code) = bytes.split_at(16);
        if self.code(what, front) != code {
            return None;
        }
        let number = |at: usize| {
            let eight = front[at..at + 8].iter();
            eight.fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        Some(Id { nonce: number(0), number: number(8) })
    }

    fn code(&self, what: Use, front: &[u8]) -> [u8; 8] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(match what {
            Use::Version => b"version",
            Use::Upload => b"upload",
        });
        mac.update(front);
        let code = mac.finalize().into_bytes();
        [code[0], code[1], code[2], code[3], code[4], code[5], code[6], code[7]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ours_or_nobodys() {
        let key = IdKey::new(b"a");
        for nonce in [0, 1, u64::MAX, 0xf800_0000_0000_0000] {
            let id = Id { nonce, number: 7 };
            let text = key.text(Use::Version, id);
            assert!(text.len() == 32 && !text.starts_with('-') && !text.starts_with('_'), "{text}");
            assert_eq!(key.read(Use::Version, &text).map(|id| id.number), Some(7));
            assert_eq!(key.read(Use::Upload, &text), None);
            assert_eq!(IdKey::new(b"b").read(Use::Version, &text), None);
        }
        for other in ["", "null", "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"] {
            assert_eq!(key.read(Use::Version, other), None);
        }
    }
}
