//! AWS Signature Version 4: who signed a request, and was it this request?
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>
//!
//! One canonical request serves both directions: [`Verifier`] checks what clients sent, [`sign`] signs what the command
//! line sends. A request is checked in this order, cheap before costly: [`Claim::parse`], [`Claim::check_time`], the secret
//! of the access key, the body's hash ([`Payload`]), [`Verifier::verify`].
//!
//! # Invariants
//! - A signature is compared in constant time, and only after everything that it covers is known.
//! - Host and every `x-amz-*` header of a request are signed, so nothing that an operation acts upon was added on the way.
//!   (`x-amz-security-token` may be added after signing: the credentials' lookup binds it to the access key.)
//! - Nothing here reads a clock or waits.
//!
//! - A secret's influence on how long an answer takes ends with HMAC: the comparison is [`subtle::ConstantTimeEq`], and a
//!   wrong signature takes the same way as a right one until then.
//!
//! Replay: AWS takes an identical request again for as long as its date counts, fifteen minutes, and so does this; a
//! signature proves who made a request, not that it came once. What must happen once carries a client token.
//!
//! Absent on purpose: SigV4A (asymmetric keys) and Signature Version 2; both are refused by name.

mod canonical;
mod chunked;
mod claim;
mod keys;
mod payload;
mod refusal;
mod sign;
mod stamp;
mod verify;

pub use chunked::ChunkDecoder;
pub use claim::Claim;
pub use payload::Payload;
pub use refusal::Refusal;
pub use sign::{SigningKey, sign};
pub use verify::{Verified, Verifier};

use http::HeaderMap;
use std::borrow::Cow;

/// The only algorithm.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What ends every credential scope.
const TERMINATOR: &str = "aws4_request";

/// The head of a request, as it was or will be sent.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path, percent-encoded.
    pub path: &'a str,
    /// The query without its question mark; empty if there is none.
    pub query: &'a str,
    /// The headers. `host` must be there, also for HTTP/2 where it comes as `:authority`.
    pub headers: &'a HeaderMap,
}

impl<'a> Head<'a> {
    /// The header `name`, if it is there and printable.
    fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The parameters of a query, decoded.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    canonical::pairs(query)
        .map(|(name, value)| (canonical::decoded(name), canonical::decoded(value)))
}

/// Whether the query parameter `name`, in lower case, belongs to a signature.
pub(crate) fn is_of_signature(name: &str) -> bool {
    claim::NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a request is signed by Signature Version 2, which only S3 still takes: in its header or as a presigned URL.
pub(crate) fn is_version_2(head: &Head<'_>) -> bool {
    let header = head.header("authorization").unwrap_or_default();
    let has = |name: &str| canonical::pairs(head.query).any(|(known, _)| known == name);
    header.starts_with("AWS ") || has("AWSAccessKeyId") && has("Signature")
}

/// Lower-case hexadecimal digits of a SHA-256.
fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = [0; 64];
    for (pair, byte) in out.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    out
}

/// As [`hex`], as text.
pub(crate) fn hex_text(bytes: &[u8; 32]) -> String {
    String::from_utf8_lossy(&hex(bytes)).into_owned()
}

#[cfg(test)]
mod tests;
