//! Is the signature the one that the secret gives?

use super::canonical::{self, PathStyle};
use super::keys::{HmacSha256, Keys, derive, mac};
use super::{ALGORITHM, Claim, Head, Refusal, hex};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Checks signatures; keeps derived keys.
pub struct Verifier {
    keys: Keys,
}

/// A signature that was right, and what later chunks of the body need to be checked against it.
pub struct Verified {
    pub(super) key: HmacSha256,
    pub(super) timestamp: String,
    pub(super) scope: String,
    pub(super) signature: [u8; 64],
}

impl Default for Verifier {
    fn default() -> Self {
        Verifier { keys: Keys::new() }
    }
}

impl Verifier {
    /// Ok if `claim` is the signature of `head` and of a body with `payload_hash` by the owner of `secret`.
    pub fn verify(
        &self,
        head: &Head<'_>,
        claim: &Claim<'_>,
        secret: &str,
        payload_hash: &str,
    ) -> Result<(), Refusal> {
        self.check(head, claim, secret, payload_hash).map(|_| ())
    }

    /// As [`Verifier::verify`] for a body in signed chunks.
    pub fn verify_chunked(
        &self,
        head: &Head<'_>,
        claim: &Claim<'_>,
        secret: &str,
        payload_hash: &str,
    ) -> Result<Verified, Refusal> {
        let (key, signature) = self.check(head, claim, secret, payload_hash)?;
        Ok(Verified {
            key,
            timestamp: claim.timestamp().into_owned(),
            scope: claim.scope().to_string(),
            signature,
        })
    }

    /// What a right signature of `head` would have signed: the canonical request and the string to sign. For those who got
    /// it wrong; it holds nothing that they did not send.
    pub fn expected(head: &Head<'_>, claim: &Claim<'_>, payload_hash: &str) -> (String, String) {
        let mut request = Vec::with_capacity(1024);
        let style = PathStyle::of(claim.service());
        canonical::write(&mut request, head, style, &claim.signed_headers, payload_hash);
        let text = string_to_sign(&claim.timestamp(), claim.scope(), &request);
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (lossy(&request), lossy(&text))
    }

    fn check(
        &self,
        head: &Head<'_>,
        claim: &Claim<'_>,
        secret: &str,
        payload_hash: &str,
    ) -> Result<(HmacSha256, [u8; 64]), Refusal> {
        let mut request = Vec::with_capacity(1024);
        let style = PathStyle::of(claim.service());
        if !canonical::write(&mut request, head, style, &claim.signed_headers, payload_hash) {
            return Err(Refusal::Mismatch);
        }
        let key = self.keys.get(claim.credential(), secret, || {
            derive(secret, claim.date(), claim.region(), claim.service())
        });
        let text = string_to_sign(&claim.timestamp(), claim.scope(), &request);
        let signature = hex(&mac(key.clone(), &text));
        if bool::from(signature.as_slice().ct_eq(claim.signature.as_bytes())) {
            Ok((key, signature))
        } else {
            Err(Refusal::Mismatch)
        }
    }
}

/// What is signed for a request.
pub(super) fn string_to_sign(timestamp: &str, scope: &str, canonical_request: &[u8]) -> Vec<u8> {
    let hash = hex(&Sha256::digest(canonical_request).into());
    let lines = [ALGORITHM.as_bytes(), timestamp.as_bytes(), scope.as_bytes(), &hash];
    lines.join(&b'\n')
}
