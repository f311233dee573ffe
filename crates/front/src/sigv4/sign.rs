//! Signing what this program sends itself.

use super::canonical::{self, PathStyle};
use super::keys::{derive, mac};
use super::payload::hash_text;
use super::verify::string_to_sign;
use super::{ALGORITHM, Head, TERMINATOR, hex_text, stamp};
use base::Time;
use http::{HeaderValue, Request, header};

/// Who signs, and for what.
#[derive(Clone, Copy)]
pub struct SigningKey<'a> {
    /// The access key.
    pub access_key_id: &'a str,
    /// Its secret.
    pub secret_access_key: &'a str,
    /// Goes with temporary credentials.
    pub session_token: Option<&'a str>,
    /// The region of the request.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
}

/// Adds date, token and `Authorization` to `request`, which must have its `host`. Every header that it has by now is
/// covered. Fails if a part of `key` can not stand in a header.
pub fn sign<B>(
    request: &mut Request<B>,
    body: &[u8],
    key: SigningKey<'_>,
    now: Time,
) -> Result<(), header::InvalidHeaderValue> {
    let timestamp = stamp::format(now);
    let date = &timestamp[..8];
    let headers = request.headers_mut();
    headers.remove(header::AUTHORIZATION);
    headers.insert("x-amz-date", HeaderValue::from_str(&timestamp)?);
    if let Some(token) = key.session_token {
        headers.insert("x-amz-security-token", HeaderValue::from_str(token)?);
    }
    let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let signed_headers = names.join(";");
    let head = Head {
        method: request.method().as_str(),
        path: request.uri().path(),
        query: request.uri().query().unwrap_or(""),
        headers: request.headers(),
    };
    let mut text = Vec::with_capacity(1024);
    let style = PathStyle::of(key.service);
    canonical::write(&mut text, &head, style, &signed_headers, &hash_text(body));
    let scope = format!("{date}/{}/{}/{TERMINATOR}", key.region, key.service);
    let text = string_to_sign(&timestamp, &scope, &text);
    let signing_key = derive(key.secret_access_key, date, key.region, key.service);
    let signature = hex_text(&mac(signing_key, &text));
    let value = format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders={signed_headers}, Signature={signature}",
        key.access_key_id
    );
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(&value)?);
    Ok(())
}
