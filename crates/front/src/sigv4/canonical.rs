//! The canonical request, byte for byte.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use super::Head;
use std::borrow::Cow;

/// How the path enters the canonical request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PathStyle {
    /// Dots and empty segments are resolved and what was sent is percent-encoded once more.
    Normalized,
    /// S3: names of objects may hold anything, so the path is encoded once and otherwise left as it is.
    Verbatim,
}

impl PathStyle {
    /// What `signing_name` does.
    pub(super) fn of(signing_name: &str) -> Self {
        match signing_name {
            "s3" | "s3-outposts" | "s3express" | "s3-object-lambda" => PathStyle::Verbatim,
            _ => PathStyle::Normalized,
        }
    }
}

/// Appends the canonical request to `out`. False if a signed header is absent, so that no signature can be right.
pub(super) fn write(
    out: &mut Vec<u8>,
    head: &Head<'_>,
    style: PathStyle,
    signed_headers: &str,
    payload_hash: &str,
) -> bool {
    out.extend_from_slice(head.method.as_bytes());
    out.push(b'\n');
    match style {
        PathStyle::Normalized => write_normalized_path(out, head.path.as_bytes()),
        PathStyle::Verbatim => {
            encode(out, head.path.as_bytes(), Encoded { slash: true, plus: b'+' })
        }
    }
    out.push(b'\n');
    // Only where the signature stands in the query it can not cover itself.
    let presigned = !head.headers.contains_key(http::header::AUTHORIZATION);
    write_query(out, head.query, presigned);
    out.push(b'\n');
    for name in signed_headers.split(';') {
        if !write_header(out, head, name) {
            return false;
        }
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(payload_hash.as_bytes());
    true
}

fn write_header(out: &mut Vec<u8>, head: &Head<'_>, name: &str) -> bool {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    // Over HTTP/2 some clients sign the name that the host has there.
    let name = if name == ":authority" { "host" } else { name };
    let mut values = head.headers.get_all(name).iter();
    let Some(first) = values.next() else { return false };
    write_value(out, first.as_bytes());
    for value in values {
        out.push(b',');
        write_value(out, value.as_bytes());
    }
    out.push(b'\n');
    true
}

/// Without white space at the ends, and with a single space in place of each inner run of it.
fn write_value(out: &mut Vec<u8>, value: &[u8]) {
    let value = value.trim_ascii();
    if !value.windows(2).any(|pair| pair[0].is_ascii_whitespace() && pair[1].is_ascii_whitespace())
        && !value.contains(&b'\t')
    {
        out.extend_from_slice(value);
        return;
    }
    let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    for (i, word) in words.enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// RFC 3986, section 5.2.4, and no empty segments; then every byte but unreserved ones and slashes is percent-encoded, the
/// percent signs of the path as it was sent included.
fn write_normalized_path(out: &mut Vec<u8>, path: &[u8]) {
    if path == b"/" || path.is_empty() {
        out.push(b'/');
        return;
    }
    let mut segments: Vec<&[u8]> = Vec::with_capacity(8);
    for segment in path.split(|b| *b == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    for segment in &segments {
        out.push(b'/');
        for byte in *segment {
            push(out, *byte, false);
        }
    }
    if segments.is_empty() || path.ends_with(b"/") {
        out.push(b'/');
    }
}

/// The parameters of a query as they were sent.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Every parameter, but for the signature itself if the request is `presigned`, encoded anew and sorted.
fn write_query(out: &mut Vec<u8>, query: &str, presigned: bool) {
    if query.is_empty() {
        return;
    }
    let mut encoded = Vec::with_capacity(query.len() + 16);
    let mut ranges = Vec::with_capacity(8);
    let is_covered = |name: &str| !(presigned && name == "X-Amz-Signature");
    for (name, value) in pairs(query).filter(|(name, _)| is_covered(name)) {
        let from = encoded.len();
        encode(&mut encoded, name.as_bytes(), Encoded { slash: false, plus: b' ' });
        let middle = encoded.len();
        encode(&mut encoded, value.as_bytes(), Encoded { slash: false, plus: b' ' });
        ranges.push((from, middle, encoded.len()));
    }
    ranges.sort_by_key(|(from, middle, to)| (&encoded[*from..*middle], &encoded[*middle..*to]));
    for (i, (from, middle, to)) in ranges.into_iter().enumerate() {
        if i > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(&encoded[from..middle]);
        out.push(b'=');
        out.extend_from_slice(&encoded[middle..to]);
    }
}

/// How text that is already percent-encoded is encoded canonically.
struct Encoded {
    /// Whether slashes stay.
    slash: bool,
    /// What a plus sign means.
    plus: u8,
}

/// Percent-decodes and encodes anew, so that `%2d`, `%2D` and `-` become one.
fn encode(out: &mut Vec<u8>, text: &[u8], how: Encoded) {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let (byte, length) = match byte {
            b'%' => match escape(&text[at + 1..]) {
                Some(byte) => (byte, 3),
                None => (b'%', 1),
            },
            b'+' => (how.plus, 1),
            byte => (*byte, 1),
        };
        push(out, byte, how.slash);
        at += length;
    }
}

fn push(out: &mut Vec<u8>, byte: u8, slash: bool) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte),
        b'/' if slash => out.push(byte),
        _ => out.extend_from_slice(&[
            b'%',
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]),
    }
}

/// The byte that two hexadecimal digits name.
fn escape(digits: &[u8]) -> Option<u8> {
    let digit = |i: usize| char::from(*digits.get(i)?).to_digit(16);
    Some((digit(0)? * 16 + digit(1)?) as u8)
}

/// A query parameter's value without its percent-encoding. Bytes that are not UTF-8 become replacement characters.
pub(super) fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains(['%', '+']) {
        return Cow::Borrowed(value);
    }
    let (text, mut out, mut at) = (value.as_bytes(), Vec::with_capacity(value.len()), 0);
    while let Some(byte) = text.get(at) {
        match (byte, escape(&text[at + 1..])) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(*byte),
        }
        at += 1;
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}
