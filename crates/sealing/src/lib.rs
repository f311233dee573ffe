//! Secrets at rest: bytes sealed with AES-256-GCM under keys that are derived from the cloud's root key.
//!
//! A sealed text is a random 96-bit nonce, the ciphertext and a 128-bit tag (NIST SP 800-38D, section 8.2.2). The
//! *associated data* is not stored: who opens must name the same place, so that a sealed text that was moved from one
//! row to another does not open.
//!
//! # Invariants
//! - Two purposes never share a key.
//! - No type here prints a key.
//! - One key seals at most 2^32 texts, the bound for random nonces: no purpose comes near it.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base::Entropy;
use hmac::{Hmac, Mac};
use sha2::Sha256;

const NONCE_BYTES: usize = 12;

/// The cloud's root key: 32 random bytes, kept in a file of mode 0600.
#[derive(Clone)]
pub struct RootKey([u8; 32]);

impl RootKey {
    /// From the file's bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        RootKey(bytes)
    }

    /// The key for `purpose`, a text that names its one user, such as `kms key material 1`.
    pub fn derive(&self, purpose: &str) -> SealingKey {
        SealingKey::new(&self.derive_secret(purpose))
    }

    /// As [`RootKey::derive`], for keys that seal nothing: those of codes that show who made a text.
    pub fn derive_secret(&self, purpose: &str) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"nuage sealing ");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The key by which `purpose` names secrets.
    pub fn derive_namer(&self, purpose: &str) -> NamingKey {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"nuage naming ");
        mac.update(purpose.as_bytes());
        NamingKey(mac.finalize().into_bytes().into())
    }
}

/// A key that gives secrets names: the same secret has the same name, and from the name nothing follows for those
/// without the key, not even by trying all secrets.
#[derive(Clone)]
pub struct NamingKey([u8; 32]);

impl NamingKey {
    /// The name of `secret` at `place`: HMAC-SHA-256.
    pub fn name(&self, place: &[u8], secret: &[u8]) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        // The length keeps a place and a secret apart from a longer place and a shorter secret.
        mac.update(&(place.len() as u64).to_be_bytes());
        mac.update(place);
        mac.update(secret);
        mac.finalize().into_bytes().into()
    }
}

/// A key that seals and opens.
#[derive(Clone)]
pub struct SealingKey(Aes256Gcm);

impl SealingKey {
    /// From 32 bytes that nobody can guess, such as a data key.
    pub fn new(bytes: &[u8; 32]) -> Self {
        SealingKey(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*bytes)))
    }

    /// `plaintext`, encrypted and bound to `associated_data`: 28 bytes longer.
    pub fn seal(&self, entropy: &dyn Entropy, associated_data: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: plaintext, aad: associated_data };
        let sealed = self
            .0
            .encrypt(&Nonce::from(nonce), payload)
            .expect("texts are far below the cipher's limit of 64 GiB");
        [&nonce[..], &sealed].concat()
    }

    /// The plaintext of what [`SealingKey::seal`] made with the same key and associated data; None for anything else.
    pub fn open(&self, associated_data: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: associated_data };
        self.0.decrypt(&Nonce::from(*nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededEntropy;

    #[test]
    fn opens_with_the_same_key_and_place_only() {
        let (root, entropy) = (RootKey::new([7; 32]), SeededEntropy::new(1));
        let key = root.derive("a");
        let sealed = key.seal(&entropy, b"row 1", b"secret");
        assert_eq!(key.open(b"row 1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(root.derive("a").open(b"row 1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert!(key.open(b"row 2", &sealed).is_none());
        assert!(root.derive("b").open(b"row 1", &sealed).is_none());
        assert!(RootKey::new([8; 32]).derive("a").open(b"row 1", &sealed).is_none());
        assert_ne!(key.seal(&entropy, b"row 1", b"secret"), sealed);
    }

    #[test]
    fn names_follow_from_all_three() {
        let key = RootKey::new([7; 32]).derive_namer("a");
        assert_eq!(key.name(b"p", b"s"), RootKey::new([7; 32]).derive_namer("a").name(b"p", b"s"));
        let others = [
            key.name(b"q", b"s"),
            key.name(b"p", b"t"),
            key.name(b"ps", b""),
            RootKey::new([7; 32]).derive_namer("b").name(b"p", b"s"),
            RootKey::new([8; 32]).derive_namer("a").name(b"p", b"s"),
        ];
        assert!(!others.contains(&key.name(b"p", b"s")));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let key = SealingKey::new(&[3; 32]);
        let sealed = key.seal(&SeededEntropy::new(2), b"", b"secret");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(b"", &changed).is_none(), "byte {at}");
            assert!(key.open(b"", &sealed[..at]).is_none(), "{at} bytes");
        }
    }
}
