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

    /// A token for the package `digest` that works until `lifetime` after `now`.
    pub fn token(&self, digest: &Digest, now: Time, lifetime: Duration) -> String {
        let claims = format!("{digest}.{}", (now + lifetime).unix_s());
        format!("{claims}.{}", URL_SAFE_NO_PAD.encode(self.sign(&claims).finalize().into_bytes()))
    }

    /// The package that `token` names, if the token was made here and still works.
    pub fn check(&self, token: &str, now: Time) -> Option<Digest> {
        let (claims, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // Compares in constant time.
        self.sign(claims).verify_slice(&signature).ok()?;
        let (digest, ends_at_s) = claims.split_once('.')?;
        (now.unix_s() < ends_at_s.parse().ok()?).then(|| Digest::parse(digest))?
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
        let token = locations.token(&digest, now, Duration::from_secs(600));
        let later = |s| now + Duration::from_secs(s);
        assert_eq!(locations.check(&token, later(599)), Some(digest));
        assert_eq!(locations.check(&token, later(600)), None);
        assert_eq!(locations.check(&token.replace(".1600.", ".9600."), now), None);
        assert_eq!(locations.check("", now), None);
        let other = Locations::new(&SeededEntropy::new(2));
        assert_eq!(other.check(&token, now), None);
    }
}
