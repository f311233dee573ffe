//! The HTTP answer that a function's answer becomes.
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload>

use crate::limits;
use crate::response_stream::{Beginning, Part, Streamed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;
use wire::{Body, Error, Response};

/// The content type of a stream that begins with status and headers.
const INTEGRATION: &str = "application/vnd.awslambda.http-integration-response";
/// What stands between those and the body.
const DELIMITER: [u8; 8] = [0; 8];

/// For `BUFFERED`: all of it first. None if there is no answer to give: the function failed, or makes no sense.
pub(super) async fn buffered(begun: Beginning) -> Option<Response> {
    match begun {
        Beginning::Whole(execution) if execution.error_type.is_some() => None,
        Beginning::Whole(execution) => interpret(&execution.payload),
        // What is streamed is not looked into, also where it begins with status and headers.
        Beginning::Streamed(mut streamed) => {
            let content_type = streamed.content_type.clone();
            let mut body = BytesMut::new();
            while let Some(piece) = streamed.next().await {
                if body.len() + piece.len() > limits::PAYLOAD_BYTES_MAX {
                    return None;
                }
                body.extend_from_slice(&piece);
            }
            let ended = streamed.end().await.ok()?;
            ended.error_type.is_none().then(|| plain(content_type, body.freeze().into()))
        }
    }
}

/// For `RESPONSE_STREAM`: as it comes. What a function that does not stream answers is not interpreted.
pub(super) async fn streamed(begun: Beginning) -> Option<Response> {
    match begun {
        Beginning::Whole(execution) if execution.error_type.is_some() => None,
        Beginning::Whole(execution) => {
            Some(plain(Some("application/json".to_string()), execution.payload.into()))
        }
        Beginning::Streamed(streamed) if streamed.content_type.as_deref() == Some(INTEGRATION) => {
            with_prelude(streamed).await
        }
        Beginning::Streamed(streamed) => {
            let content_type = streamed.content_type.clone();
            Some(plain(content_type, rest(Bytes::new(), streamed)))
        }
    }
}

fn plain(content_type: Option<String>, body: Body) -> Response {
    let content_type = content_type.as_deref().unwrap_or("application/octet-stream");
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    Response { status: 200, headers, body }
}

/// Takes status and headers off the beginning of a stream.
async fn with_prelude(mut streamed: Streamed) -> Option<Response> {
    let mut beginning = BytesMut::new();
    let end = loop {
        let searched = beginning.len().saturating_sub(DELIMITER.len());
        beginning.extend_from_slice(&streamed.next().await?);
        let found = beginning[searched..].windows(DELIMITER.len()).position(|w| w == DELIMITER);
        if let Some(found) = found {
            break searched + found;
        }
        if beginning.len() > limits::PRELUDE_BYTES_MAX {
            return None;
        }
    };
    let first = beginning.split_off(end + DELIMITER.len()).freeze();
    let prelude: Value = serde_json::from_slice(&beginning[..end]).ok()?;
    let prelude = prelude.as_object()?;
    let mut response = head(prelude, "application/octet-stream")?;
    response.body = rest(first, streamed);
    Some(response)
}

/// The pieces that follow. A failure that the runtime tells of ends the answer like a success, as AWS documents; any other
/// one breaks the connection off, so that nobody takes the answer for whole.
fn rest(first: Bytes, streamed: Streamed) -> Body {
    let first = stream::iter((!first.is_empty()).then_some(Ok(first)));
    let pieces = streamed.into_parts().filter_map(|part| async {
        match part {
            Part::Piece(piece) => Some(Ok(piece)),
            Part::End(Ok(execution)) => execution
                .broken
                .then(|| Err(Error::internal("the function ended in the middle of its answer"))),
            Part::End(Err(error)) => Some(Err(error)),
        }
    });
    Body::stream(first.chain(pieces).boxed())
}

/// The answer in a JSON document: an object with a status is the whole answer, everything else its body.
fn interpret(payload: &[u8]) -> Option<Response> {
    let value: Value = serde_json::from_slice(payload).ok()?;
    let Some(answer) = value.as_object().filter(|answer| answer.contains_key("statusCode")) else {
        return Some(super::response(http::StatusCode::OK, text(&value)));
    };
    let mut response = head(answer, "application/json")?;
    let body = answer.get("body").filter(|body| !body.is_null()).map(text).unwrap_or_default();
    response.body = match answer.get("isBase64Encoded") {
        Some(Value::Bool(true)) => STANDARD.decode(body).ok()?.into(),
        _ => body.into(),
    };
    Some(response)
}

/// A text as it is, everything else as compact JSON (recorded).
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Status, headers and cookies. None if they make no sense.
fn head(answer: &serde_json::Map<String, Value>, content_type: &'static str) -> Option<Response> {
    let status = match answer.get("statusCode") {
        None => 200,
        Some(Value::Number(status)) => u16::try_from(status.as_u64()?).ok()?,
        Some(Value::String(status)) => status.parse().ok()?,
        Some(_) => return None,
    };
    // Statuses below are HTTP's own, before an answer.
    if !(200..=599).contains(&status) {
        return None;
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    match answer.get("headers") {
        None | Some(Value::Null) => {}
        Some(Value::Object(given)) => {
            for (name, value) in given {
                put(&mut headers, name, value)?;
            }
        }
        Some(_) => return None,
    }
    match answer.get("cookies") {
        None | Some(Value::Null) => {}
        Some(Value::Array(cookies)) => {
            for cookie in cookies {
                let cookie = HeaderValue::from_str(cookie.as_str()?).ok()?;
                headers.append(header::SET_COOKIE, cookie);
            }
        }
        Some(_) => return None,
    }
    Some(Response { status, headers, body: Body::default() })
}

/// Headers that the front end sets itself; the function's own go under another name. docs: what clients report
const REMAPPED: [HeaderName; 5] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::DATE,
    header::SERVER,
    header::WWW_AUTHENTICATE,
];

/// Headers that speak of the connection, which is not the function's.
const DROPPED: [HeaderName; 4] =
    [header::TRANSFER_ENCODING, header::TE, header::TRAILER, header::UPGRADE];

fn put(headers: &mut HeaderMap, name: &str, value: &Value) -> Option<()> {
    let value = match value {
        Value::Null => return Some(()),
        Value::Array(_) | Value::Object(_) => return None,
        scalar => text(scalar),
    };
    let name = HeaderName::try_from(name).ok()?;
    let value = HeaderValue::from_str(&value).ok()?;
    if REMAPPED.contains(&name) {
        let name = HeaderName::try_from(format!("x-amzn-remapped-{name}")).ok()?;
        headers.insert(name, value);
    } else if !DROPPED.contains(&name) {
        headers.insert(name, value);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interpreted(payload: &str) -> Option<(u16, String, String)> {
        let response = interpret(payload.as_bytes())?;
        let content_type = response.headers[header::CONTENT_TYPE].to_str().unwrap().to_string();
        let body = String::from_utf8(response.body.full().unwrap().to_vec()).unwrap();
        Some((response.status, content_type, body))
    }

    #[test]
    fn values_without_a_status_are_bodies() {
        let json = |body: &str| Some((200, "application/json".to_string(), body.to_string()));
        assert_eq!(interpreted("\"hi\""), json("hi"));
        assert_eq!(interpreted("[\"hello\", 3, true]"), json("[\"hello\",3,true]"));
        assert_eq!(interpreted("{\"hello\": \"world\"}"), json("{\"hello\":\"world\"}"));
        assert_eq!(interpreted("{\"body\": 1}"), json("{\"body\":1}"));
        assert_eq!(interpreted("3.1"), json("3.1"));
        assert_eq!(interpreted("null"), json("null"));
        assert_eq!(interpreted("nonsense"), None);
    }

    #[test]
    fn objects_with_a_status_are_answers() {
        let answer = r#"{"statusCode": 201, "headers": {"Content-Type": "text/plain", "X-N": 5}, "body": "b"}"#;
        assert_eq!(interpreted(answer), Some((201, "text/plain".into(), "b".into())));
        let base64 = r#"{"statusCode": "404", "isBase64Encoded": true, "body": "YWI="}"#;
        assert_eq!(interpreted(base64), Some((404, "application/json".into(), "ab".into())));
        let json = r#"{"statusCode": 200, "body": {"a": 1}}"#;
        assert_eq!(interpreted(json), Some((200, "application/json".into(), "{\"a\":1}".into())));
        for bad in [
            r#"{"statusCode": "abc"}"#,
            r#"{"statusCode": 99}"#,
            r#"{"statusCode": 1000}"#,
            r#"{"statusCode": null}"#,
            r#"{"statusCode": 200, "headers": []}"#,
            r#"{"statusCode": 200, "headers": {"a b": "c"}}"#,
            r#"{"statusCode": 200, "headers": {"a": "b\nc"}}"#,
            r#"{"statusCode": 200, "headers": {"a": ["b"]}}"#,
            r#"{"statusCode": 200, "cookies": "a=b"}"#,
            r#"{"statusCode": 200, "isBase64Encoded": true, "body": "!"}"#,
        ] {
            assert_eq!(interpreted(bad), None, "{bad}");
        }
    }

    #[test]
    fn headers_of_the_connection() {
        let answer = r#"{"statusCode": 200, "headers": {"Content-Length": "99", "transfer-encoding": "chunked"}, "cookies": ["a=1", "b=2"]}"#;
        let headers = interpret(answer.as_bytes()).unwrap().headers;
        assert_eq!(headers["x-amzn-remapped-content-length"], "99");
        assert!(
            !headers.contains_key("content-length") && !headers.contains_key("transfer-encoding")
        );
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
    }
}
