//! Subscriptions to telemetry, on the same listener as the Runtime API.
//! <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html>

use std::ops::RangeInclusive;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;

use super::extension_http::{identifier, json_response, small_body};
use super::http::not_routed;
use super::telemetry::{Api, Buffering, Category, Destination, Subscription};
use super::{Conversation, Refusal};

const ITEMS: RangeInclusive<usize> = 1_000..=10_000;
const BYTES: RangeInclusive<usize> = 262_144..=1_048_576;
const TIMEOUT_MS: RangeInclusive<u64> = 25..=30_000;

/// Which API a path belongs to.
pub(super) fn api(path: &str) -> Option<Api> {
    match path {
        "/2022-07-01/telemetry" => Some(Api::Telemetry),
        "/2020-08-15/logs" => Some(Api::Logs),
        _ => None,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    schema_version: Option<String>,
    #[serde(default)]
    types: Vec<String>,
    destination: Option<Target>,
    buffering: Option<Limits>,
}

#[derive(Deserialize)]
struct Target {
    protocol: Option<String>,
    #[serde(rename = "URI")]
    uri: Option<String>,
    port: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    max_items: Option<usize>,
    max_bytes: Option<usize>,
    timeout_ms: Option<u64>,
}

/// Answers a request to subscribe.
pub(super) async fn respond(
    api: Api,
    request: Request<Incoming>,
    conversation: &Conversation,
) -> Result<Response<Full<Bytes>>, Refusal> {
    if *request.method() != Method::PUT {
        return Ok(not_routed(StatusCode::METHOD_NOT_ALLOWED));
    }
    let id = identifier(request.headers())?;
    let name = conversation.with_extensions(|extensions| extensions.name(id))?;
    let Some(telemetry) = &conversation.telemetry else { return Err(Refusal::NotImplemented) };
    let body = small_body(request).await?;
    let (types, subscription) = match parse(api, &body) {
        Ok(subscription) => subscription,
        Err(reason) => {
            let body = json!({ "errorType": "ValidationError", "errorMessage": reason });
            let mut response = json_response(&body);
            *response.status_mut() = StatusCode::BAD_REQUEST;
            return Ok(response);
        }
    };
    if !telemetry.subscribe(&name, subscription) {
        return Err(Refusal::SubscriptionClosed(api));
    }
    let kind = match api {
        Api::Telemetry => "platform.telemetrySubscription",
        Api::Logs => "platform.logsSubscription",
    };
    telemetry.happened(kind, json!({ "name": name, "state": "Subscribed", "types": types }));
    Ok(json_response(&json!("OK")))
}

fn parse(api: Api, body: &[u8]) -> Result<(Vec<String>, Subscription), String> {
    let body: Body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let known: &[&str] = match api {
        Api::Telemetry => &["2022-07-01", "2022-12-13", "2025-01-29"],
        Api::Logs => &["2020-08-15", "2021-03-18"],
    };
    let mut wrong = Vec::new();
    match body.schema_version.as_deref() {
        None if api == Api::Logs => {}
        Some(version) if known.contains(&version) => {}
        _ => wrong.push(format!("schemaVersion should be one of {}", known.join(", "))),
    }
    let destination = destination(body.destination.as_ref());
    if let Err(reason) = &destination {
        wrong.push(reason.clone());
    }
    if body.types.is_empty() {
        wrong.push("types should not be empty".to_owned());
    }
    let mut categories = Vec::new();
    for name in &body.types {
        match name.as_str() {
            "platform" => categories.push(Category::Platform),
            "function" => categories.push(Category::Function),
            "extension" => categories.push(Category::Extension),
            _ => wrong.push("types should be platform, function or extension".to_owned()),
        }
    }
    let limits = body.buffering.as_ref();
    let items = limits.and_then(|limits| limits.max_items).unwrap_or(*ITEMS.end());
    let bytes = limits.and_then(|limits| limits.max_bytes).unwrap_or(*BYTES.start());
    let timeout_ms = limits.and_then(|limits| limits.timeout_ms).unwrap_or(1_000);
    for (name, within, from, to) in [
        ("maxItems", ITEMS.contains(&items), *ITEMS.start() as u64, *ITEMS.end() as u64),
        ("maxBytes", BYTES.contains(&bytes), *BYTES.start() as u64, *BYTES.end() as u64),
        ("timeoutMs", TIMEOUT_MS.contains(&timeout_ms), *TIMEOUT_MS.start(), *TIMEOUT_MS.end()),
    ] {
        if !within {
            wrong.push(format!("{name} should be between {from} and {to}"));
        }
    }
    match destination {
        Ok(destination) if wrong.is_empty() => {
            let buffering = Buffering { items, bytes, timeout: Duration::from_millis(timeout_ms) };
            Ok((body.types, Subscription { api, categories, destination, buffering }))
        }
        _ => Err(wrong.join("; ")),
    }
}

fn destination(target: Option<&Target>) -> Result<Destination, String> {
    let told = |reason: &str| Err(reason.to_owned());
    let Some(target) = target else { return told("destination is not provided") };
    match target.protocol.as_deref() {
        Some("TCP") => match target.port {
            Some(port) => Ok(Destination::Tcp { port }),
            None => told("port is not provided"),
        },
        Some("HTTP") => {
            let uri = target.uri.as_deref().and_then(|uri| uri.parse::<http::Uri>().ok());
            let Some(uri) = uri else { return told("URI is not provided or malformed") };
            if uri.scheme_str() != Some("http")
                || !matches!(uri.host(), Some("sandbox" | "sandbox.localdomain"))
            {
                return told("URI should begin with http://sandbox.localdomain");
            }
            let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
            match uri.port_u16() {
                Some(port) => Ok(Destination::Http { port, path }),
                None => told("URI port is not provided"),
            }
        }
        _ => told("destination protocol should be HTTP or TCP"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_checked() {
        let full = json!({
            "schemaVersion": "2025-01-29",
            "types": ["platform", "extension"],
            "buffering": { "maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25 },
            "destination": { "protocol": "HTTP", "URI": "http://sandbox.localdomain:8080/x?y=1" },
        });
        let parsed = parse(Api::Telemetry, full.to_string().as_bytes()).unwrap().1;
        assert_eq!(parsed.categories, [Category::Platform, Category::Extension]);
        assert_eq!(parsed.destination, Destination::Http { port: 8080, path: "/x?y=1".into() });
        let buffering =
            Buffering { items: 1000, bytes: 262_144, timeout: Duration::from_millis(25) };
        assert_eq!(parsed.buffering, buffering);
        for (path, value, reason) in [
            ("/schemaVersion", json!("2019-01-01"), "schemaVersion"),
            ("/types", json!([]), "types should not be empty"),
            ("/types", json!(["other"]), "types should be"),
            ("/buffering/maxItems", json!(999), "maxItems should be between 1000 and 10000"),
            ("/buffering/maxBytes", json!(1_048_577), "maxBytes"),
            ("/buffering/timeoutMs", json!(30_001), "timeoutMs"),
            ("/destination/URI", json!("http://sandbox.localdomain/"), "URI port is not provided"),
            ("/destination/URI", json!("http://example.com:80/"), "sandbox.localdomain"),
            ("/destination/protocol", json!("UDP"), "protocol"),
        ] {
            let mut body = full.clone();
            *body.pointer_mut(path).unwrap() = value;
            let error = parse(Api::Telemetry, body.to_string().as_bytes()).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        let tcp = json!({ "types": ["function"], "destination": { "protocol": "TCP", "port": 9 } });
        let parsed = parse(Api::Logs, tcp.to_string().as_bytes()).unwrap().1;
        assert_eq!(parsed.destination, Destination::Tcp { port: 9 });
    }
}
