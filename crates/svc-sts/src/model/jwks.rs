//! The public keys of an identity provider: RFC 7517 and RFC 7518, sections 3 and 6.

use super::jwt::Jwt;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::RsaPublicKey;
use rsa::pkcs1v15;
use serde_json::Value;
use sha2::{Sha256, Sha384, Sha512};

/// Fewest bits of an RSA key: RFC 7518, section 3.3.
const RSA_BITS_MIN: u32 = 2_048;

/// The keys that signatures can be checked with; others of the set are left out.
pub struct KeySet(Vec<Key>);

struct Key {
    id: Option<String>,
    public: Public,
}

enum Public {
    Rsa(Box<RsaPublicKey>),
    P256(Box<p256::ecdsa::VerifyingKey>),
    P384(Box<p384::ecdsa::VerifyingKey>),
    P521(Box<p521::ecdsa::VerifyingKey>),
}

impl KeySet {
    /// None if `text` is no set of keys.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(text).ok()?;
        let keys = document.get("keys")?.as_array()?;
        Some(KeySet(
            keys.iter().take(crate::limits::ISSUER_KEYS_MAX).filter_map(Key::parse).collect(),
        ))
    }

    /// Whether one of them may have made the token's signature.
    pub fn has_key_of(&self, token: &Jwt<'_>) -> bool {
        self.candidates(token).next().is_some()
    }

    /// Whether one of them made it. The key decides which algorithms count: a token can not choose a weaker one.
    pub fn verifies(&self, token: &Jwt<'_>) -> bool {
        self.candidates(token).any(|key| key.public.verifies(token))
    }

    fn candidates<'a>(&'a self, token: &'a Jwt<'_>) -> impl Iterator<Item = &'a Key> {
        self.0.iter().filter(|key| match (&key.id, &token.key_id) {
            (Some(id), Some(wanted)) => id == wanted,
            (_, None) => true,
            (None, Some(_)) => false,
        })
    }
}

impl Key {
    fn parse(key: &Value) -> Option<Self> {
        if key.get("use").and_then(Value::as_str).is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let number = |name: &str| URL_SAFE_NO_PAD.decode(key.get(name)?.as_str()?).ok();
        let point = |bytes: usize| {
            let (x, y) = (number("x")?, number("y")?);
            (x.len() == bytes && y.len() == bytes).then(|| [&[4][..], &x, &y].concat())
        };
        let public = match (key["kty"].as_str()?, key["crv"].as_str().unwrap_or_default()) {
            ("RSA", _) => Public::Rsa(Box::new(rsa_key(&number("n")?, &number("e")?)?)),
            ("EC", "P-256") => Public::P256(Box::new(
                p256::ecdsa::VerifyingKey::from_sec1_bytes(&point(32)?).ok()?,
            )),
            ("EC", "P-384") => Public::P384(Box::new(
                p384::ecdsa::VerifyingKey::from_sec1_bytes(&point(48)?).ok()?,
            )),
            ("EC", "P-521") => Public::P521(Box::new(
                p521::ecdsa::VerifyingKey::from_sec1_bytes(&point(66)?).ok()?,
            )),
            _ => return None,
        };
        Some(Key { id: key["kid"].as_str().map(str::to_string), public })
    }
}

fn rsa_key(n: &[u8], e: &[u8]) -> Option<RsaPublicKey> {
    use rsa::traits::PublicKeyParts;
    let number = rsa::BoxedUint::from_be_slice_vartime;
    // Refuses more than 4,096 bits and exponents that are even or huge.
    let key = RsaPublicKey::new(number(n), number(e)).ok()?;
    (key.n().bits_vartime() >= RSA_BITS_MIN).then_some(key)
}

impl Public {
    fn verifies(&self, token: &Jwt<'_>) -> bool {
        let (text, signature) = (token.signed.as_bytes(), &token.signature[..]);
        match (self, token.algorithm.as_str()) {
            (Public::Rsa(key), "RS256") => {
                verified(&pkcs1v15::VerifyingKey::<Sha256>::new((**key).clone()), text, signature)
            }
            (Public::Rsa(key), "RS384") => {
                verified(&pkcs1v15::VerifyingKey::<Sha384>::new((**key).clone()), text, signature)
            }
            (Public::Rsa(key), "RS512") => {
                verified(&pkcs1v15::VerifyingKey::<Sha512>::new((**key).clone()), text, signature)
            }
            (Public::P256(key), "ES256") => {
                verified::<p256::ecdsa::Signature>(&**key, text, signature)
            }
            (Public::P384(key), "ES384") => {
                verified::<p384::ecdsa::Signature>(&**key, text, signature)
            }
            (Public::P521(key), "ES512") => {
                verified::<p521::ecdsa::Signature>(&**key, text, signature)
            }
            _ => false,
        }
    }
}

fn verified<S>(key: &dyn rsa::signature::Verifier<S>, text: &[u8], signature: &[u8]) -> bool
where
    S: for<'a> TryFrom<&'a [u8]>,
{
    S::try_from(signature).is_ok_and(|signature| key.verify(text, &signature).is_ok())
}
