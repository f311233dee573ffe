//! What a request says of its body.

use super::canonical::PathStyle;
use super::{Claim, Head, Refusal, hex_text};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use subtle::ConstantTimeEq;

/// How the body is covered by the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// By its SHA-256 in lower-case hexadecimal digits, as the client declared it.
    Declared(&'a str),
    /// By its SHA-256, which the client did not declare.
    Undeclared,
    /// Not at all.
    Unsigned,
    /// Each chunk of an `aws-chunked` body by a signature of its own, a trailer perhaps too.
    SignedChunks {
        /// Whether a trailer follows the last chunk.
        trailer: bool,
    },
    /// Not at all, in chunks with a trailer.
    UnsignedChunks,
}

impl<'a> Payload<'a> {
    /// By the header `x-amz-content-sha256` and, where it is absent, by what the service assumes.
    pub fn of(head: &Head<'a>, claim: &Claim<'_>) -> Result<Self, Refusal> {
        let Some(declared) = head.header("x-amz-content-sha256") else {
            return Ok(match claim.is_presigned() && claim.service() == "s3" {
                true => Payload::Unsigned,
                false => Payload::Undeclared,
            });
        };
        // Other services than S3 compute the hash of what they got, whatever the client declared: an unsigned body is a
        // signature that does not match.
        let may_be_unsigned = PathStyle::of(claim.service()) == PathStyle::Verbatim;
        let is_s3_form = declared.starts_with("UNSIGNED-") || declared.starts_with("STREAMING-");
        if is_s3_form && !may_be_unsigned {
            return Ok(Payload::Undeclared);
        }
        Ok(match declared {
            "UNSIGNED-PAYLOAD" => Payload::Unsigned,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Payload::SignedChunks { trailer: false },
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Payload::SignedChunks { trailer: true },
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Payload::UnsignedChunks,
            hash if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Payload::Declared(hash)
            }
            _ => {
                return Err(Refusal::Malformed(
                    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
                ));
            }
        })
    }

    /// Whether the body comes in chunks that a [`super::ChunkDecoder`] takes apart.
    pub fn is_chunked(&self) -> bool {
        matches!(self, Payload::SignedChunks { .. } | Payload::UnsignedChunks)
    }

    /// What stands in the canonical request for a body that has not come yet.
    pub fn stated(&self) -> Result<&'a str, Refusal> {
        Ok(match self {
            Payload::Unsigned => "UNSIGNED-PAYLOAD",
            Payload::UnsignedChunks => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            Payload::SignedChunks { trailer: false } => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Payload::SignedChunks { trailer: true } => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Payload::Declared(declared) => declared,
            Payload::Undeclared => {
                return Err(Refusal::Malformed(
                    "Missing required header for this request: x-amz-content-sha256",
                ));
            }
        })
    }

    /// What stands for the body in the canonical request. Fails if `body` is not the one that was declared.
    pub fn hash(&self, body: &[u8]) -> Result<Cow<'a, str>, Refusal> {
        match self {
            Payload::Undeclared => Ok(Cow::Owned(hash_text(body))),
            Payload::Declared(declared)
                if !bool::from(hash_text(body).as_bytes().ct_eq(declared.as_bytes())) =>
            {
                Err(Refusal::PayloadMismatch)
            }
            _ => self.stated().map(Cow::Borrowed),
        }
    }
}

/// SHA-256 in lower-case hexadecimal digits.
pub(super) fn hash_text(bytes: &[u8]) -> String {
    /// Most requests to REST services have no body.
    const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    if bytes.is_empty() {
        return OF_NOTHING.to_string();
    }
    hex_text(&Sha256::digest(bytes).into())
}
