//! Cryptography: every algorithm comes from the RustCrypto libraries; nothing here is more than a choice among them.
//!
//! Private keys are PKCS#8 in DER, secret keys are plain bytes; both only live in memory that is wiped when dropped.

pub mod curves;
pub mod key_wrap;
pub mod mac;
pub mod rsa_keys;

use crate::model::spec::Spec;
use base::Entropy;
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use zeroize::Zeroizing;

/// Secret bytes, wiped when dropped.
pub type Secret = Zeroizing<Vec<u8>>;

/// Why an input cannot be used: it is not a key, a signature or a ciphertext of the right form.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// The libraries' random numbers come from where the cloud's do.
pub struct Chance<'a>(pub &'a dyn Entropy);

impl TryRng for Chance<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u64() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Chance<'_> {}

/// A new key. RSA keys take from tens of milliseconds to a second.
pub fn generate(spec: Spec, entropy: &dyn Entropy) -> Secret {
    if let Some(bytes) = spec.secret_bytes() {
        let mut secret = Zeroizing::new(vec![0; bytes]);
        entropy.fill(&mut secret);
        return secret;
    }
    match spec.rsa_bits() {
        Some(bits) => rsa_keys::generate(bits, entropy),
        None => curves::generate(spec, entropy),
    }
}

/// The public half as SubjectPublicKeyInfo in DER; error if `private` is no private key of `spec`.
pub fn public_key(spec: Spec, private: &[u8]) -> Result<Vec<u8>, Malformed> {
    match spec.rsa_bits() {
        Some(bits) => rsa_keys::public_key(bits, private),
        None => curves::public_key(spec, private),
    }
}

/// Whether `material` is a key of `spec`.
pub fn is_valid(spec: Spec, material: &[u8]) -> bool {
    match spec.secret_bytes() {
        Some(bytes) => material.len() == bytes,
        None => public_key(spec, material).is_ok(),
    }
}
