//! Who sent a request.

use crate::sigv4::{ChunkDecoder, Claim, Head, Payload, Refusal, Verifier};
use crate::upload::Check;
use crate::{Front, Peer, Reach, hosts};
use base::{AccountId, Region, Time};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use seams::{Caller, CredentialError};
use std::sync::Arc;
use wire::{Common, Error, Protocol, Service};

/// Operations that need no signature: they exchange somebody else's proof of identity.
const PUBLIC_OPERATIONS: [(&str, &str); 2] =
    [("sts", "AssumeRoleWithSAML"), ("sts", "AssumeRoleWithWebIdentity")];

/// A request's identity, proven.
pub(crate) struct Identity {
    pub(crate) caller: Arc<Caller>,
    pub(crate) region: Region,
    /// Present where the body was sent in chunks and is here.
    pub(crate) decoded: Option<Decoded>,
    /// What is to be checked of a body that comes later.
    pub(crate) check: Check,
}

/// A body without its chunks.
pub(crate) struct Decoded {
    pub(crate) body: Vec<u8>,
    /// The headers that came behind it.
    pub(crate) trailers: Vec<(String, String)>,
}

/// Why nobody was proven.
pub(crate) enum Denial {
    Refused(Refusal),
    /// Another signature than the secret key gives, and what should have been signed.
    Mismatch {
        canonical_request: String,
        string_to_sign: String,
    },
    Credential(CredentialError),
    Region(String),
    UnsignedFromElsewhere,
}

impl From<Refusal> for Denial {
    fn from(refusal: Refusal) -> Self {
        Denial::Refused(refusal)
    }
}

/// Whether `operation` may be called without a signature. In S3 the policy of the bucket decides, for all of them.
pub(crate) fn is_public(service: &Service, operation: &str) -> bool {
    service.dialect.s3 || PUBLIC_OPERATIONS.contains(&(service.name, operation))
}

/// The body of a request whose signature is checked.
#[derive(Clone, Copy)]
pub(crate) enum Sent<'a> {
    /// All of it is here.
    Whole(&'a Bytes),
    /// It comes later.
    Later,
}

impl Front {
    /// Checks the signature of a request and of its body; cheap checks first.
    pub(crate) async fn identify(
        &self,
        head: &Head<'_>,
        claim: Option<&Claim<'_>>,
        body: Sent<'_>,
        public: bool,
        peer: Peer,
        now: Time,
    ) -> Result<Identity, Denial> {
        let Some(claim) = claim else { return self.unsigned(head.headers, public) };
        claim.check_time(now)?;
        claim.check_signed_headers(head)?;
        let region = Region::parse(claim.region())
            .ok_or_else(|| Denial::Region(claim.region().to_string()))?;
        let from_loopback = self.is_program_of_this_machine(head.headers, peer);
        let credential = self
            .credentials
            .look_up(claim.access_key_id(), claim.session_token.as_deref(), from_loopback)
            .await
            .map_err(Denial::Credential)?;
        let payload = Payload::of(head, claim)?;
        let hash = match body {
            Sent::Whole(body) => payload.hash(body)?,
            Sent::Later => payload.stated()?.into(),
        };
        let secret = &credential.secret_access_key;
        let explained = |refusal: Refusal| match refusal {
            Refusal::Mismatch => {
                let (canonical_request, string_to_sign) = Verifier::expected(head, claim, &hash);
                Denial::Mismatch { canonical_request, string_to_sign }
            }
            refusal => Denial::Refused(refusal),
        };
        let mut identity = Identity {
            caller: credential.caller.clone(),
            region,
            decoded: None,
            check: Check::Nothing,
        };
        if !payload.is_chunked() {
            self.verifier.verify(head, claim, secret, &hash).map_err(explained)?;
            if let (Payload::Declared(declared), Sent::Later) = (payload, body) {
                identity.check = Check::hash(declared);
            }
            return Ok(identity);
        }
        let seed = self.verifier.verify_chunked(head, claim, secret, &hash).map_err(explained)?;
        let (seed, trailer) = match payload {
            Payload::SignedChunks { trailer } => (Some(seed), trailer),
            _ => (None, true),
        };
        let length = decoded_length(head.headers)?;
        match body {
            Sent::Whole(body) => {
                check_decoded_length(length, body.len())?;
                let mut decoder = ChunkDecoder::new(seed, trailer, length);
                let mut decoded = Vec::with_capacity(length as usize);
                decoder.push(body, &mut decoded)?;
                identity.decoded = Some(Decoded { body: decoded, trailers: decoder.finish()? });
            }
            Sent::Later => {
                let decoder = ChunkDecoder::new(seed, trailer, length);
                identity.check = Check::Chunks(Box::new(decoder));
            }
        }
        Ok(identity)
    }

    fn unsigned(&self, headers: &HeaderMap, public: bool) -> Result<Identity, Denial> {
        if !public {
            return Err(Refusal::Missing.into());
        }
        if !self.is_meant_for_here(headers) {
            return Err(Denial::UnsignedFromElsewhere);
        }
        Ok(Identity {
            caller: Arc::new(Caller::anonymous(AccountId::DEFAULT)),
            region: Region::default(),
            decoded: None,
            check: Check::Nothing,
        })
    }

    /// Whether the request's host name is one of this cloud, so that no web page can have sent it by DNS rebinding.
    pub(crate) fn is_meant_for_here(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        hosts::is_own(host.unwrap_or_default(), &self.host_names)
    }

    /// Whether the well-known development key counts: only for a program of this machine, and not for a web page that its
    /// browser shows. Everybody knows the key, so a page could sign with it.
    fn is_program_of_this_machine(&self, headers: &HeaderMap, peer: Peer) -> bool {
        peer.reach == Reach::Loopback
            && peer.address.to_canonical().is_loopback()
            && !is_from_web_page(headers)
            && self.is_meant_for_here(headers)
    }
}

/// Whether a browser sent the request for a page of another origin. Pages can neither leave out nor forge these headers.
/// <https://www.w3.org/TR/fetch-metadata/>
pub(crate) fn is_from_web_page(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    headers.contains_key(http::header::ORIGIN) || !matches!(site, None | Some(b"none"))
}

/// `x-amz-decoded-content-length`.
fn decoded_length(headers: &HeaderMap) -> Result<u64, Refusal> {
    let length = headers.get("x-amz-decoded-content-length").and_then(|value| value.to_str().ok());
    length
        .and_then(|text| text.parse().ok())
        .ok_or(Refusal::Malformed("You must provide the x-amz-decoded-content-length HTTP header."))
}

/// A body has no more bytes than its encoded form.
fn check_decoded_length(length: u64, encoded: usize) -> Result<(), Refusal> {
    match length > encoded as u64 {
        true => Err(Refusal::Malformed(
            "The chunks hold fewer bytes than the x-amz-decoded-content-length header says.",
        )),
        false => Ok(()),
    }
}

/// As [`undo_chunks`] before the body came: its length is then that of what was encoded, and the checksum that comes
/// behind it is announced as SDKs announce those that come before.
pub(crate) fn announce_chunks(headers: &mut HeaderMap) {
    const ALGORITHM: &str = "x-amz-sdk-checksum-algorithm";
    let length = headers.get("x-amz-decoded-content-length").cloned();
    undo_chunks(headers, Vec::new());
    if let Some(length) = length {
        headers.insert(http::header::CONTENT_LENGTH, length);
    }
    let trailer = headers.get("x-amz-trailer").and_then(|trailer| trailer.to_str().ok());
    let algorithm = trailer.and_then(|trailer| trailer.trim().strip_prefix("x-amz-checksum-"));
    let algorithm = algorithm.and_then(|a| HeaderValue::from_str(&a.to_ascii_uppercase()).ok());
    if let Some(algorithm) = algorithm.filter(|_| !headers.contains_key(ALGORITHM)) {
        headers.insert(ALGORITHM, algorithm);
    }
}

/// Puts what a presigned URL gives in its query in place of headers among these.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
pub(crate) fn hoist(headers: &mut HeaderMap, query: &str) {
    for (name, value) in crate::sigv4::parameters(query) {
        let name = name.to_ascii_lowercase();
        let is_own = !name.starts_with("x-amz-") || crate::sigv4::is_of_signature(&name);
        if is_own || headers.contains_key(&name) {
            continue;
        }
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
}

/// Puts a body's trailing headers among the others and takes away what spoke of the encoding.
pub(crate) fn undo_chunks(headers: &mut HeaderMap, trailers: Vec<(String, String)>) {
    headers.remove("x-amz-decoded-content-length");
    headers.remove(http::header::CONTENT_LENGTH);
    if let Some(encoding) = headers.get(http::header::CONTENT_ENCODING) {
        let kept: Vec<&str> = encoding
            .to_str()
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked")
            .collect();
        match HeaderValue::from_str(&kept.join(",")) {
            Ok(kept) if !kept.is_empty() => headers.insert(http::header::CONTENT_ENCODING, kept),
            _ => headers.remove(http::header::CONTENT_ENCODING),
        };
    }
    for (name, value) in trailers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.entry(name).or_insert(value);
        }
    }
}

impl Denial {
    /// In the words of `service`.
    pub(crate) fn into_error(
        self,
        service: &Service,
        protocol: Protocol,
        presigned: bool,
    ) -> Error {
        match self {
            Denial::Mismatch { canonical_request, string_to_sign }
                if !service.dialect.s3 && !protocol.is_xml() =>
            {
                Error::common(
                    Common::SignatureDoesNotMatch,
                    format!(
                        "{MISMATCH}\n\nThe Canonical String for this request should have been\n'{canonical_request}'\n\nThe String-to-Sign should have been\n'{string_to_sign}'\n"
                    ),
                )
            }
            Denial::Mismatch { .. } if service.dialect.s3 => {
                s3_refusal(Refusal::Mismatch, presigned)
            }
            Denial::Mismatch { .. } => usual_refusal(Refusal::Mismatch, protocol),
            Denial::Refused(refusal) if service.dialect.s3 => s3_refusal(refusal, presigned),
            Denial::Refused(refusal) => usual_refusal(refusal, protocol),
            Denial::Credential(error) => credential_error(error, service.dialect.s3),
            Denial::Region(region) => Error::common(
                Common::SignatureDoesNotMatch,
                format!("Credential should be scoped to a valid region, not '{region}'. "),
            ),
            Denial::UnsignedFromElsewhere => Error::common(
                Common::AccessDenied,
                "The host name of this request is not one of this cloud.",
            ),
        }
    }
}

/// The services that speak JSON add what should have been signed.
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

fn usual_refusal(refusal: Refusal, protocol: Protocol) -> Error {
    let mismatch = |text: String| Error::common(Common::SignatureDoesNotMatch, text);
    match refusal {
        Refusal::Missing if protocol == Protocol::RestJson => {
            Error::common(Common::MissingAuthenticationToken, "Missing Authentication Token")
        }
        Refusal::Missing => Error::common(
            Common::MissingAuthenticationToken,
            "Request is missing Authentication Token",
        ),
        Refusal::Incomplete(text) => Error::common(Common::IncompleteSignature, text),
        Refusal::OutOfScope(text) => mismatch(text),
        Refusal::Expired(text) => Error::common(Common::RequestExpired, text),
        Refusal::NotSigned(name) => {
            mismatch(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."))
        }
        // A body with another hash than the declared one is a request that was not signed.
        Refusal::Mismatch | Refusal::PayloadMismatch => mismatch(MISMATCH.to_string()),
        Refusal::Malformed(text) => Error::other(400, "InvalidRequest", text),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
fn s3_refusal(refusal: Refusal, presigned: bool) -> Error {
    match refusal {
        Refusal::Missing => Error::common(Common::AccessDenied, "Access Denied"),
        Refusal::Incomplete(text) | Refusal::OutOfScope(text) => {
            let code = match presigned {
                true => "AuthorizationQueryParametersError",
                false => "AuthorizationHeaderMalformed",
            };
            Error::other(400, code, text)
        }
        Refusal::Expired(_) if presigned => {
            Error::common(Common::AccessDenied, "Request has expired")
        }
        Refusal::Expired(_) => Error::common(
            Common::RequestExpired,
            "The difference between the request time and the current time is too large.",
        ),
        Refusal::NotSigned(name) => Error::common(
            Common::AccessDenied,
            "There were headers present in the request which were not signed",
        )
        .with_detail("HeadersNotSigned", name),
        Refusal::Mismatch => Error::common(
            Common::SignatureDoesNotMatch,
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        ),
        Refusal::PayloadMismatch => Error::other(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ),
        Refusal::Malformed(text) => Error::other(400, "InvalidRequest", text),
    }
}

fn credential_error(error: CredentialError, s3: bool) -> Error {
    const INVALID: &str = "The security token included in the request is invalid.";
    match error {
        CredentialError::UnknownAccessKey if s3 => Error::common(
            Common::InvalidClientTokenId,
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        CredentialError::InvalidToken if s3 => Error::other(
            400,
            "InvalidToken",
            "The provided token is malformed or otherwise invalid.",
        ),
        CredentialError::UnknownAccessKey | CredentialError::InvalidToken => {
            Error::common(Common::InvalidClientTokenId, INVALID)
        }
        CredentialError::ExpiredToken if s3 => {
            Error::common(Common::ExpiredToken, "The provided token has expired.")
        }
        CredentialError::ExpiredToken => Error::common(
            Common::ExpiredToken,
            "The security token included in the request is expired",
        ),
        CredentialError::NotFromLoopback => Error::common(
            Common::InvalidClientTokenId,
            format!(
                "{INVALID} The well-known key counts for programs of this machine only, and only while the cloud listens on loopback alone."
            ),
        ),
        CredentialError::Internal => Error::internal("the lookup of an access key failed"),
    }
}
