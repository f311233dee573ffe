//! Message authentication codes: HMAC with SHA-2 (FIPS 198-1).

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use wire_kms::MacAlgorithmSpec;

macro_rules! hmac {
    ($hash:ty, $key:expr, $message:expr) => {{
        let mut mac = Hmac::<$hash>::new_from_slice($key).expect("HMAC takes keys of any length");
        mac.update($message);
        mac
    }};
}

/// The code of `message`.
pub fn generate(algorithm: MacAlgorithmSpec, key: &[u8], message: &[u8]) -> Vec<u8> {
    match algorithm {
        MacAlgorithmSpec::HmacSha224 => {
            hmac!(Sha224, key, message).finalize().into_bytes().to_vec()
        }
        MacAlgorithmSpec::HmacSha256 => {
            hmac!(Sha256, key, message).finalize().into_bytes().to_vec()
        }
        MacAlgorithmSpec::HmacSha384 => {
            hmac!(Sha384, key, message).finalize().into_bytes().to_vec()
        }
        MacAlgorithmSpec::HmacSha512 => {
            hmac!(Sha512, key, message).finalize().into_bytes().to_vec()
        }
    }
}

/// Whether `code` is the code of `message`; takes the same time for every wrong one.
pub fn verify(algorithm: MacAlgorithmSpec, key: &[u8], message: &[u8], code: &[u8]) -> bool {
    match algorithm {
        MacAlgorithmSpec::HmacSha224 => hmac!(Sha224, key, message).verify_slice(code).is_ok(),
        MacAlgorithmSpec::HmacSha256 => hmac!(Sha256, key, message).verify_slice(code).is_ok(),
        MacAlgorithmSpec::HmacSha384 => hmac!(Sha384, key, message).verify_slice(code).is_ok(),
        MacAlgorithmSpec::HmacSha512 => hmac!(Sha512, key, message).verify_slice(code).is_ok(),
    }
}
