//! The event that a request becomes: payload format 2.0.
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload>

use super::Url;
use base::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use rt::Visit;
use seams::{CallCx, Principal};
use serde_json::{Map, Value, json};

/// Content types of texts, as far as they go into the event as they are. Everything else is in Base64, forms too.
const TEXTS: [&str; 4] = ["text/", "application/json", "application/xml", "application/javascript"];

/// What the front end of AWS adds to the headers of a request.
pub(super) struct Added<'a> {
    /// The port that callers use.
    pub port: &'a str,
    /// The trace header: that of the invocation.
    pub trace: &'a str,
}

/// The event for the function.
pub(super) fn event(url: &Url, visit: &Visit, cx: &CallCx, added: Added<'_>) -> Value {
    let request = &visit.request;
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        // seen in captures of AWS: percent-encoded, as it was sent.
        "rawPath": request.path,
        "rawQueryString": request.query,
    });
    let cookies = cookies(&request.headers);
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    event["headers"] = headers(visit, cx, added);
    if !request.query.is_empty() {
        event["queryStringParameters"] = Value::Object(parameters(&request.query));
    }
    event["requestContext"] = context(url, visit, cx);
    let body = request.body.full().map(|body| &body[..]).unwrap_or_default();
    let text = if is_text(&request.headers) { std::str::from_utf8(body).ok() } else { None };
    if !body.is_empty() {
        event["body"] = text.map_or_else(|| STANDARD.encode(body).into(), Value::from);
    }
    event["isBase64Encoded"] = json!(!body.is_empty() && text.is_none());
    event
}

fn context(url: &Url, visit: &Visit, cx: &CallCx) -> Value {
    let host = visit.request.header("host").unwrap_or_default();
    let domain = host.split(':').next().unwrap_or_default();
    let mut context = json!({ "accountId": "anonymous", "apiId": url.record.id });
    if cx.caller.principal != Principal::Anonymous {
        let caller = &cx.caller;
        context["accountId"] = json!(url.name.account.to_string());
        context["authorizer"] = json!({ "iam": {
            "accessKey": caller.access_key_id,
            "accountId": caller.account.to_string(),
            "callerId": caller.user_id,
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": caller.arn,
            "userId": caller.user_id,
        }});
    }
    context["domainName"] = json!(domain);
    context["domainPrefix"] = json!(url.record.id);
    context["http"] = json!({
        "method": visit.request.method.as_str(),
        // Recorded: decoded.
        "path": decode(&visit.request.path, false),
        "protocol": visit.http_version,
        "sourceIp": source_ip(cx),
        "userAgent": &*cx.user_agent,
    });
    context["requestId"] = json!(cx.request_id.to_string());
    context["routeKey"] = json!("$default");
    context["stage"] = json!("$default");
    context["time"] = json!(common_log_time(cx.received_at));
    context["timeEpoch"] = json!(cx.received_at.unix_ms());
    context
}

fn source_ip(cx: &CallCx) -> String {
    cx.source_ip.map(|address| address.to_canonical().to_string()).unwrap_or_default()
}

/// `12/Mar/2020:19:03:58 +0000`.
fn common_log_time(time: Time) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let c = time.civil();
    let month = MONTHS[(c.month as usize - 1) % 12];
    format!(
        "{:02}/{month}/{:04}:{:02}:{:02}:{:02} +0000",
        c.day, c.year, c.hour, c.minute, c.second
    )
}

/// Names in lower case, several values with commas between them, and what AWS's own front end adds. What concerns the
/// connection alone is left out (recorded), cookies have a place of their own.
fn headers(visit: &Visit, cx: &CallCx, added: Added<'_>) -> Value {
    let headers = &visit.request.headers;
    let mut all = Map::new();
    for name in headers.keys() {
        if matches!(
            *name,
            header::CONNECTION | header::COOKIE | header::TRANSFER_ENCODING | header::TE
        ) {
            continue;
        }
        let values =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        all.insert(name.to_string(), values.collect::<Vec<_>>().join(",").into());
    }
    let forwarded = match all.get("x-forwarded-for").and_then(Value::as_str) {
        Some(before) => format!("{before}, {}", source_ip(cx)),
        None => source_ip(cx),
    };
    all.insert("x-forwarded-for".into(), forwarded.into());
    all.insert(super::TRACE_HEADER.to_string(), added.trace.into());
    all.insert("x-forwarded-port".into(), added.port.into());
    all.insert("x-forwarded-proto".into(), "http".into());
    Value::Object(all)
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies = values.flat_map(|value| value.split(';')).map(str::trim);
    cookies.filter(|cookie| !cookie.is_empty()).map(str::to_string).collect()
}

/// Decoded; several values of one name with commas between them (recorded).
fn parameters(query: &str) -> Map<String, Value> {
    let mut all: Map<String, Value> = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name, true), decode(value, true));
        match all.get_mut(&name) {
            Some(Value::String(before)) => {
                before.push(',');
                before.push_str(&value);
            }
            _ => drop(all.insert(name, value.into())),
        }
    }
    all
}

/// Percent-decoded, a plus sign as a space within queries; what is no escape stays.
fn decode(text: &str, query: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = match bytes[at] {
            b'%' => bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok()),
            _ => None,
        };
        let escape = escape.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if query && bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    TEXTS.iter().any(|text| kind.starts_with(text))
}
