//! Signing keys, derived and kept.

use super::TERMINATOR;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use sha2::Sha256;
use std::collections::HashMap;
use subtle::ConstantTimeEq;

/// Most derived keys that are kept. One is needed for each access key, day, region and service.
const KEYS_MAX: usize = 4096;

pub(super) type HmacSha256 = Hmac<Sha256>;

pub(super) fn hmac(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).expect("HMAC takes keys of any length")
}

pub(super) fn mac(mut hmac: HmacSha256, text: &[u8]) -> [u8; 32] {
    hmac.update(text);
    hmac.finalize().into_bytes().into()
}

/// The key that signs one day's requests to one service in one region.
pub(super) fn derive(secret: &str, date: &str, region: &str, service: &str) -> HmacSha256 {
    let seed = [b"AWS4", secret.as_bytes()].concat();
    let scope = [date, region, service, TERMINATOR];
    let key = scope.iter().fold(seed, |key, part| mac(hmac(&key), part.as_bytes()).to_vec());
    hmac(&key)
}

/// Derived keys by credential (`key/date/region/service/aws4_request`). Deriving costs four HMACs, more than the check of a
/// signature itself.
pub(super) struct Keys(Mutex<HashMap<Box<str>, Derived>>);

struct Derived {
    /// What it was derived from: an access key may get another secret.
    secret: Box<str>,
    key: HmacSha256,
}

impl Keys {
    pub(super) fn new() -> Self {
        Keys(Mutex::new(HashMap::new()))
    }

    /// The key for `credential`, derived by `derive` if it is not known for this `secret`.
    pub(super) fn get(
        &self,
        credential: &str,
        secret: &str,
        derive: impl FnOnce() -> HmacSha256,
    ) -> HmacSha256 {
        if let Some(known) = self.0.lock().get(credential)
            && bool::from(known.secret.as_bytes().ct_eq(secret.as_bytes()))
        {
            return known.key.clone();
        }
        let key = derive();
        let mut keys = self.0.lock();
        if keys.len() >= KEYS_MAX {
            // Rare, and cheaper than knowing which ones are old: yesterday's are all useless.
            keys.clear();
        }
        keys.insert(credential.into(), Derived { secret: secret.into(), key: key.clone() });
        key
    }
}
