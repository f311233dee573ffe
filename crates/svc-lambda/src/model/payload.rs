//! The JSON documents that callers send.

use crate::{Result, errors, limits};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::Value;

/// Where an invocation's event goes, and so how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The caller waits.
    RequestResponse,
    /// The caller does not.
    Event,
}

/// The event of an invocation: no body is the empty object.
pub fn check(payload: Option<Bytes>, kind: Kind) -> Result<Bytes> {
    let payload = payload.unwrap_or_default();
    let (name, max) = match kind {
        Kind::RequestResponse => ("RequestResponse", limits::PAYLOAD_BYTES_MAX),
        Kind::Event => ("Event", limits::ASYNC_PAYLOAD_BYTES_MAX),
    };
    if payload.len() > max {
        return Err(errors::payload_too_large(payload.len(), name, max));
    }
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<IgnoredAny>(&payload) {
        // Skipping over strings does not look at their bytes.
        Ok(_) if std::str::from_utf8(&payload).is_ok() => Ok(payload),
        Ok(_) => Err(errors::payload_not_json("Invalid UTF-8")),
        Err(error) => Err(errors::payload_not_json(&describe(&payload, &error))),
    }
}

/// In the words of AWS's parser, as far as recorded.
fn describe(payload: &[u8], error: &serde_json::Error) -> String {
    const WANTED: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    let start = payload.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let rest = &payload[start..];
    let begins = |byte: u8| b"{[\"-".contains(&byte) || byte.is_ascii_digit();
    let (what, line, column) = match rest.first() {
        Some(first) if first.is_ascii_alphabetic() => {
            let word =
                rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
            let word: String = word.take(256).map(|byte| char::from(*byte)).collect();
            let column = error.column().max(word.len() + 1);
            (format!("Unrecognized token '{word}': was expecting {WANTED}"), error.line(), column)
        }
        Some(first) if !begins(*first) => {
            let shown = match first {
                0..=31 | 127..=159 => format!("(CTRL-CHAR, code {first})"),
                _ => format!("'{}' (code {first})", char::from(*first)),
            };
            (
                format!("Unexpected character ({shown}): expected a valid value {WANTED}"),
                1,
                start + 1,
            )
        }
        _ if error.is_eof() => {
            ("Unexpected end-of-input".to_string(), error.line(), error.column() + 1)
        }
        _ => ("Unexpected character".to_string(), error.line(), error.column()),
    };
    format!(
        "{what}\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); \
         line: {line}, column: {column}]"
    )
}

/// The client context from its header: Base64 of a JSON object, as text.
pub fn client_context(header: Option<&str>) -> Result<Option<String>> {
    let Some(header) = header.filter(|header| !header.is_empty()) else { return Ok(None) };
    let bytes = STANDARD.decode(header).map_err(|_| errors::client_context_invalid())?;
    if bytes.len() > limits::CLIENT_CONTEXT_BYTES_MAX {
        return Err(errors::client_context_too_large());
    }
    let value: Value =
        serde_json::from_slice(&bytes).map_err(|_| errors::client_context_invalid())?;
    // Written anew: without line breaks it can stand in a header again.
    if value.is_object() {
        Ok(Some(value.to_string()))
    } else {
        Err(errors::client_context_invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(payload: &'static [u8]) -> String {
        let error = check(Some(Bytes::from_static(payload)), Kind::RequestResponse).unwrap_err();
        error.message().to_string()
    }

    #[test]
    fn documents() {
        assert_eq!(check(None, Kind::Event).unwrap(), "{}");
        for good in ["1", "null", " {\"a\": [1, 2]} ", "\"é\""] {
            assert!(check(Some(good.into()), Kind::RequestResponse).is_ok(), "{good}");
        }
    }

    /// The recorded case.
    #[test]
    fn bytes_that_are_no_text() {
        assert_eq!(
            refused(b"\x99\xeb,j\x07\xa1zYh"),
            "Could not parse request body into json: Could not parse payload into json: Unexpected character \
             ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, Object or token 'null', \
             'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); \
             line: 1, column: 1]"
        );
        assert!(refused(b"\"\xff\"").contains("UTF-8"));
    }

    #[test]
    fn broken_documents() {
        assert!(refused(b"hello world").contains("Unrecognized token 'hello'"));
        assert!(refused(b"{\"a\": 1").contains("end-of-input"));
        refused(b"{} {}");
        refused(&[b'['; 100_000]);
    }

    #[test]
    fn sizes() {
        let text = |bytes: usize| Bytes::from(format!("\"{}\"", "x".repeat(bytes - 2)));
        assert!(check(Some(text(6_291_456)), Kind::RequestResponse).is_ok());
        let error = check(Some(text(6_291_557)), Kind::RequestResponse).unwrap_err();
        assert_eq!(
            error.message(),
            "6291557 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)"
        );
        assert!(check(Some(text(1_048_577)), Kind::Event).is_err());
    }

    #[test]
    fn client_contexts() {
        let encoded = STANDARD.encode("{\"custom\":\n{\"a\": 1}}");
        assert_eq!(client_context(Some(&encoded)).unwrap().unwrap(), r#"{"custom":{"a":1}}"#);
        assert_eq!(client_context(None).unwrap(), None);
        for bad in ["{}", &STANDARD.encode("[]"), &STANDARD.encode("x")] {
            assert!(client_context(Some(bad)).is_err(), "{bad}");
        }
    }
}
