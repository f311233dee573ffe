//! Why a request proves nobody.

/// A reason, in no protocol's words yet; those that carry a text carry AWS's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no signature.
    Missing,
    /// The signature lacks a part or a part can not be read.
    Incomplete(String),
    /// The signature is well formed but not one that counts here: another service, another day, headers left out.
    OutOfScope(String),
    /// The date is too far from now, or a presigned URL has expired.
    Expired(String),
    /// A header that must be signed is not: its name.
    NotSigned(String),
    /// Another signature than the secret key gives.
    Mismatch,
    /// The body is not the one whose hash was signed.
    PayloadMismatch,
    /// A body in chunks is malformed: why.
    Malformed(&'static str),
}

impl Refusal {
    pub(super) fn incomplete(text: impl Into<String>) -> Self {
        Refusal::Incomplete(text.into())
    }

    pub(super) fn out_of_scope(text: impl Into<String>) -> Self {
        Refusal::OutOfScope(text.into())
    }
}
