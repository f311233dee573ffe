//! The address in `GetFunction`'s answer under which a package can be downloaded.
//!
//! Whoever has the address may download, as with a presigned address of S3: a token names the package and the end of
//! its time, under a key that lives as long as the process.

use base::{Entropy, Time};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use blobs::Digest;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::time::Duration;

/// What a token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Where `blobs` keeps the archive.
    pub digest: Digest,
    /// What opens it, if it is under a key of a customer.
    pub key: Option<LocatedKey>,
}

/// A key of a package as KMS sealed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatedKey {
    /// The function whose package it is.
    pub function_arn: String,
    /// As in [`crate::tables::CodeKeyRecord`].
    pub data_key: String,
}

/// Signs and checks tokens.
pub struct Locations {
    key: [u8; 32],
}

impl Locations {
    /// With a new key.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut key = [0; 32];
        entropy.fill(&mut key);
        Locations { key }
    }

    /// A token for `package` that works until `lifetime` after `now`.
    pub fn token(&self, package: &Located, now: Time, lifetime: Duration) -> String {
        let mut claims = format!("{}.{}", package.digest, (now + lifetime).unix_s());
        for text in package.key.iter().flat_map(|key| [&key.function_arn, &key.data_key]) {
            claims.push('.');
            URL_SAFE_NO_PAD.encode_string(text, &mut claims);
        }
        format!("{claims}.{}", URL_SAFE_NO_PAD.encode(self.sign(&claims).finalize().into_bytes()))
    }

    /// The package that `token` names, if the token was made here and still works.
    pub fn check(&self, token: &str, now: Time) -> Option<Located> {
        let (claims, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // Compares in constant time.
        self.sign(claims).verify_slice(&signature).ok()?;
        let mut claims = claims.split('.');
        let (digest, ends_at_s) = (Digest::parse(claims.next()?)?, claims.next()?.parse().ok()?);
        let mut text = || String::from_utf8(URL_SAFE_NO_PAD.decode(claims.next()?).ok()?).ok();
        let key = text().zip(text());
        let key = key.map(|(function_arn, data_key)| LocatedKey { function_arn, data_key });
        (now.unix_s() < ends_at_s).then_some(Located { digest, key })
    }

    fn sign(&self, claims: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(claims.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededEntropy;

    #[test]
    fn tokens_end_and_cannot_be_changed() {
        let locations = Locations::new(&SeededEntropy::new(1));
        let digest = Digest::parse(&"5a".repeat(32)).unwrap();
        let now = Time::from_unix_s(1_000);
        let key = LocatedKey { function_arn: "a:b.c".into(), data_key: "d+e/f==".into() };
        let keyed = Located { digest, key: Some(key) };
        let token = locations.token(&keyed, now, Duration::from_secs(600));
        assert_eq!(locations.check(&token, now), Some(keyed));
        let plain = Located { digest, key: None };
        let token = locations.token(&plain, now, Duration::from_secs(600));
        let later = |s| now + Duration::from_secs(s);
        assert_eq!(locations.check(&token, later(599)), Some(plain));
        assert_eq!(locations.check(&token, later(600)), None);
        assert_eq!(locations.check(&token.replace(".1600.", ".9600."), now), None);
        assert_eq!(locations.check("", now), None);
        let other = Locations::new(&SeededEntropy::new(2));
        assert_eq!(other.check(&token, now), None);
    }
}
