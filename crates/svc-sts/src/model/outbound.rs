//! The keys with which this cloud signs tokens of its own, and what such a token says.
//!
//! An account's keys follow from the cloud's root key, so that nothing is written and a restart keeps them: the bytes that
//! make them are HMAC-SHA-256 of a counter. Tokens live for an hour at most, so keys that another version of a library
//! made from the same bytes would only be new ones.

use super::chance::Chance;
use base::{AccountId, Entropy};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use p384::ecdsa::signature::Signer;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};

/// The bits of an account's RSA key.
const RSA_BITS: usize = 2_048;

/// `SigningAlgorithm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl Algorithm {
    /// Every one.
    pub const ALL: [Algorithm; 2] = [Algorithm::Rs256, Algorithm::Es384];

    /// By AWS's name, which is that of RFC 7518 too.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// `RS256` or `ES384`.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Es384 => "ES384",
        }
    }
}

/// The keys of one account.
pub struct AccountKeys {
    rsa: RsaPrivateKey,
    curve: p384::ecdsa::SigningKey,
}

impl AccountKeys {
    /// Takes up to a second, for the RSA key.
    pub fn derive(root_key: &[u8; 32], account: AccountId) -> Self {
        let stream = |purpose: &str| Stream::new(root_key, &format!("{purpose} {account}"));
        let rsa = RsaPrivateKey::new(&mut Chance(&stream("rsa 1")), RSA_BITS)
            .expect("sizes of 2,048 bits and more have keys");
        let curve_bytes = stream("p384 1");
        let curve = loop {
            let mut bytes = [0; 48];
            curve_bytes.fill(&mut bytes);
            // Zero, or more than the order of the group: once in 2^190.
            if let Ok(key) = p384::ecdsa::SigningKey::from_slice(&bytes) {
                break key;
            }
        };
        AccountKeys { rsa, curve }
    }

    /// A JSON Web Token with these claims. RFC 7515, section 5.1.
    pub fn sign(&self, algorithm: Algorithm, claims: &Value, entropy: &dyn Entropy) -> String {
        let header = json!({ "alg": algorithm.name(), "kid": self.id(algorithm), "typ": "JWT" });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(claims));
        let signature = match algorithm {
            Algorithm::Rs256 => {
                let (digest, scheme) =
                    (Sha256::digest(text.as_bytes()), Pkcs1v15Sign::new::<Sha256>());
                self.rsa
                    .sign_with_rng(&mut Chance(entropy), scheme, &digest)
                    .expect("a key of 2,048 bits signs every digest")
            }
            Algorithm::Es384 => {
                let signature: p384::ecdsa::Signature = self.curve.sign(text.as_bytes());
                signature.to_bytes().to_vec()
            }
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The public halves: RFC 7517, section 5.
    pub fn key_set(&self) -> Value {
        let key = |algorithm: Algorithm| {
            let mut key = self.public(algorithm);
            key["kid"] = self.id(algorithm).into();
            key["use"] = "sig".into();
            key["alg"] = algorithm.name().into();
            key
        };
        json!({ "keys": Algorithm::ALL.map(key) })
    }

    /// What defines the public key, its members in the order of their names.
    fn public(&self, algorithm: Algorithm) -> Value {
        match algorithm {
            Algorithm::Rs256 => {
                let key = RsaPublicKey::from(&self.rsa);
                json!({ "e": number(&key.e().to_be_bytes()), "kty": "RSA", "n": number(&key.n().to_be_bytes()) })
            }
            Algorithm::Es384 => {
                let point = self.curve.verifying_key().to_sec1_point(false);
                let coordinates = &point.as_bytes()[1..];
                let (x, y) = coordinates.split_at(48);
                let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
                json!({ "crv": "P-384", "kty": "EC", "x": encode(x), "y": encode(y) })
            }
        }
    }

    /// The key's thumbprint: RFC 7638.
    fn id(&self, algorithm: Algorithm) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.public(algorithm).to_string()))
    }
}

/// A number without leading zeros.
fn number(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    URL_SAFE_NO_PAD.encode(&bytes[zeros..])
}

/// Bytes that follow from a key.
struct Stream {
    mac: Hmac<Sha256>,
    next: AtomicU64,
}

impl Stream {
    fn new(root_key: &[u8; 32], purpose: &str) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(root_key).expect("HMAC takes keys of any length");
        mac.update(b"nuage sts outbound token key ");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        Stream { mac, next: AtomicU64::new(0) }
    }
}

impl Entropy for Stream {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let mut mac = self.mac.clone();
            mac.update(&self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            chunk.copy_from_slice(&mac.finalize().into_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::jwks::KeySet;
    use crate::model::jwt::Jwt;
    use base::SeededEntropy;

    #[test]
    fn tokens_are_good_for_their_account_only() {
        let entropy = SeededEntropy::new(1);
        let other = AccountId::parse("123456789012").unwrap();
        let ours = AccountKeys::derive(&[7; 32], AccountId::DEFAULT);
        let set =
            |keys: &AccountKeys| KeySet::parse(keys.key_set().to_string().as_bytes()).unwrap();
        let theirs = set(&AccountKeys::derive(&[7; 32], other));
        for algorithm in Algorithm::ALL {
            let text = ours.sign(algorithm, &json!({ "sub": "s" }), &entropy);
            let token = Jwt::parse(&text).unwrap();
            assert_eq!(token.algorithm, algorithm.name());
            assert!(set(&ours).verifies(&token) && set(&ours).has_key_of(&token));
            assert!(!theirs.verifies(&token) && !theirs.has_key_of(&token));
        }
        // The same after a restart, another one for another cloud.
        let again = AccountKeys::derive(&[7; 32], AccountId::DEFAULT);
        assert_eq!(again.key_set(), ours.key_set());
        let elsewhere = AccountKeys::derive(&[8; 32], AccountId::DEFAULT);
        assert_ne!(elsewhere.id(Algorithm::Es384), ours.id(Algorithm::Es384));
        assert_eq!(Algorithm::parse("HS256"), None);
    }
}
