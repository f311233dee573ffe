//! Sealing: a session token is its claims, encrypted and authenticated with AES-256-GCM under a random 96-bit nonce
//! (NIST SP 800-38D, section 8.2.2). The access key id and the secret are derived from the nonce by HMAC-SHA-256.

use super::claims::Claims;
use crate::limits;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base::{AccountId, Entropy};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The form of the token, which is authenticated with it.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;

/// The keys that seal and derive.
pub struct Seal {
    cipher: Aes256Gcm,
    /// Derives access key ids and secrets.
    derivation: [u8; 32],
}

/// A token and what follows from it.
pub struct Sealed {
    /// `X-Amz-Security-Token`.
    pub token: String,
    /// `ASIA…`.
    pub access_key_id: String,
    /// 40 characters.
    pub secret: String,
}

impl Seal {
    /// Derives its keys from the cloud's root key.
    pub fn new(root_key: &[u8; 32]) -> Self {
        let cipher_key = hmac(root_key, &[b"nuage sts session token 1"]);
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(cipher_key));
        Seal { cipher, derivation: hmac(root_key, &[b"nuage sts access key 1"]) }
    }

    /// Makes a token of `claims`, whose account is `account`.
    pub fn seal(&self, claims: &Claims, account: AccountId, entropy: &dyn Entropy) -> Sealed {
        let mut nonce = [0; NONCE_BYTES];
        entropy.fill(&mut nonce);
        let text = serde_json::to_vec(claims).expect("claims have text keys only");
        let payload = Payload { msg: &text, aad: &[VERSION] };
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .expect("claims are far below the cipher's limit of 64 GiB");
        let mut bytes = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        let (access_key_id, secret) = self.derive(&nonce, account);
        Sealed { token: STANDARD.encode(bytes), access_key_id, secret }
    }

    /// The claims of a token that was sealed with the same root key, and its nonce.
    pub fn open(&self, token: &str) -> Option<(Claims, [u8; NONCE_BYTES])> {
        if token.len() > limits::TOKEN_BYTES_MAX {
            return None;
        }
        let bytes = STANDARD.decode(token).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        if *version != VERSION {
            return None;
        }
        let payload = Payload { msg: sealed, aad: &[VERSION] };
        let text = self.cipher.decrypt(&Nonce::from(*nonce), payload).ok()?;
        Some((serde_json::from_slice(&text).ok()?, *nonce))
    }

    /// The access key id and the secret of the session with this nonce.
    pub fn derive(&self, nonce: &[u8; NONCE_BYTES], account: AccountId) -> (String, String) {
        let [a, b, c, d, e, ..] = hmac(&self.derivation, &[b"id", nonce]);
        let access_key_id = base::access_key_id("ASIA", account, [a, b, c, d, e]);
        let mut secret = STANDARD.encode(hmac(&self.derivation, &[b"secret", nonce]));
        secret.truncate(40);
        (access_key_id, secret)
    }
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::claims::Who;
    use base::SeededEntropy;

    fn claims() -> Claims {
        Claims {
            who: Who::Root { account: "123456789012".to_string() },
            issued_ms: 1,
            expires_ms: 2,
            policies: vec!["{}".to_string()],
            policy_arns: Vec::new(),
            tags: [("k".to_string(), "v".to_string())].into(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            chained: true,
            mfa: true,
            federation: None,
            source_function_arn: None,
        }
    }

    #[test]
    fn tokens_open_with_their_key_only() {
        let account = AccountId::parse("123456789012").unwrap();
        let seal = Seal::new(&[7; 32]);
        let sealed = seal.seal(&claims(), account, &SeededEntropy::new(1));
        let (opened, nonce) = seal.open(&sealed.token).unwrap();
        assert_eq!(opened, claims());
        assert_eq!(seal.derive(&nonce, account), (sealed.access_key_id.clone(), sealed.secret));
        assert!(sealed.access_key_id.starts_with("ASIA"));
        assert!(Seal::new(&[8; 32]).open(&sealed.token).is_none());
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let account = AccountId::DEFAULT;
        let seal = Seal::new(&[7; 32]);
        let sealed = seal.seal(&claims(), account, &SeededEntropy::new(2));
        let bytes = STANDARD.decode(&sealed.token).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(seal.open(&STANDARD.encode(changed)).is_none(), "byte {at}");
        }
        for bad in ["", "AQ==", "not base64", &"A".repeat(20_000)] {
            assert!(seal.open(bad).is_none());
        }
    }
}
