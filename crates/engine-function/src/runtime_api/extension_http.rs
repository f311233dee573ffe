//! The Extensions API's HTTP, on the same listener as the Runtime API.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>

use base::{OsEntropy, RequestId};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;

use super::extensions::{Event, ExtensionState};
use super::http::{accepted, not_routed};
use super::{Conversation, Refusal, SMALL_BODY_BYTES_MAX};

const NAME: &str = "lambda-extension-name";
const IDENTIFIER: &str = "lambda-extension-identifier";
const ACCEPT_FEATURE: &str = "lambda-extension-accept-feature";
const ERROR_TYPE: &str = "lambda-extension-function-error-type";
const EVENT_IDENTIFIER: &str = "lambda-extension-event-identifier";

/// Bytes of a header's value that are kept.
const HEADER_BYTES_MAX: usize = 256;

type Answer = Result<Response<Full<Bytes>>, Refusal>;

/// Whether the path belongs to this API.
pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/2020-01-01/extension/")
}

/// What the function is called, for extensions that register.
#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionIdentity {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) handler: String,
    pub(crate) account_id: String,
}

/// Answers a request to this API.
pub(super) async fn respond(request: Request<Incoming>, conversation: &Conversation) -> Answer {
    let path = request.uri().path().strip_prefix("/2020-01-01/extension/").unwrap_or_default();
    let expected = match path {
        "event/next" => Method::GET,
        "register" | "init/error" | "exit/error" => Method::POST,
        _ => return Ok(not_routed(StatusCode::NOT_FOUND)),
    };
    if *request.method() != expected {
        return Ok(not_routed(StatusCode::METHOD_NOT_ALLOWED));
    }
    match path {
        "register" => register(request, conversation).await,
        "event/next" => {
            let id = identifier(request.headers())?;
            conversation.next_event(id).await.map(|event| render_event(&event))
        }
        "init/error" => report(&request, conversation, ExtensionState::InitError),
        _ => report(&request, conversation, ExtensionState::ExitError),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    #[serde(default)]
    events: Option<Vec<String>>,
    #[serde(default)]
    configuration_keys: Option<Vec<String>>,
}

async fn register(request: Request<Incoming>, conversation: &Conversation) -> Answer {
    let headers = request.headers();
    let name = text(headers, NAME);
    if name.is_empty() {
        return Err(Refusal::InvalidExtensionName);
    }
    let wants_account =
        text(headers, ACCEPT_FEATURE).split(',').any(|feature| feature.trim() == "accountId");
    let body = small_body(request).await?;
    let wrong = |error: &dyn std::fmt::Display| Refusal::InvalidRequestFormat(error.to_string());
    let registration: Registration =
        serde_json::from_slice(&body).map_err(|error| wrong(&error))?;
    if registration.configuration_keys.is_some_and(|keys| !keys.is_empty()) {
        return Err(wrong(&"configurationKeys are deprecated; use environment variables instead"));
    }
    let (id, events) = (RequestId::new(&OsEntropy), registration.events.unwrap_or_default());
    if conversation.has_workers() && events.iter().any(|event| event == "INVOKE") {
        // <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>; the reason is a guess.
        let reason = "InvokeEventNotSupportedForManagedInstances";
        return Err(Refusal::InvalidEventType { event: "INVOKE".to_owned(), reason });
    }
    conversation.with_extensions(|extensions| extensions.register(&name, &events, id))?;
    let function = &conversation.function;
    let mut answer = json!({
        "functionName": function.name,
        "functionVersion": function.version,
        "handler": function.handler,
    });
    if wants_account {
        answer["accountId"] = json!(function.account_id);
    }
    let mut response = json_response(&answer);
    put(&mut response, IDENTIFIER, &id);
    Ok(response)
}

fn report(request: &Request<Incoming>, conversation: &Conversation, to: ExtensionState) -> Answer {
    let id = identifier(request.headers())?;
    let error_type = text(request.headers(), ERROR_TYPE);
    if error_type.is_empty() {
        return Err(Refusal::MissingHeader);
    }
    conversation.report_extension(id, to, error_type)?;
    Ok(accepted())
}

/// The extension that asks.
pub(super) fn identifier(headers: &HeaderMap) -> Result<RequestId, Refusal> {
    let identifier = text(headers, IDENTIFIER);
    if identifier.is_empty() {
        return Err(Refusal::MissingExtensionIdentifier);
    }
    RequestId::parse(&identifier).ok_or(Refusal::InvalidExtensionIdentifier)
}

/// The whole body of a request that is small by nature.
pub(super) async fn small_body(request: Request<Incoming>) -> Result<Bytes, Refusal> {
    let body = Limited::new(request.into_body(), SMALL_BODY_BYTES_MAX).collect().await;
    body.map(|body| body.to_bytes())
        .map_err(|error| Refusal::InvalidRequestFormat(error.to_string()))
}

fn render_event(event: &Event) -> Response<Full<Bytes>> {
    let body = match event {
        Event::Invoke { request_id, deadline, invoked_function_arn, trace_id } => {
            let mut body = json!({
                "eventType": "INVOKE",
                "deadlineMs": deadline.unix_ms(),
                "requestId": request_id,
                "invokedFunctionArn": invoked_function_arn,
            });
            if let Some(trace_id) = trace_id {
                body["tracing"] = json!({ "type": "X-Amzn-Trace-Id", "value": trace_id });
            }
            body
        }
        Event::Shutdown { reason, deadline } => json!({
            "eventType": "SHUTDOWN",
            "deadlineMs": deadline.unix_ms(),
            "shutdownReason": reason.name(),
        }),
    };
    let mut response = json_response(&body);
    put(&mut response, EVENT_IDENTIFIER, &RequestId::new(&OsEntropy));
    response
}

pub(super) fn json_response(body: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn put(response: &mut Response<Full<Bytes>>, name: &'static str, id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(name, value);
    }
}

fn text(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).map(HeaderValue::as_bytes).unwrap_or_default();
    String::from_utf8_lossy(&value[..value.len().min(HEADER_BYTES_MAX)]).into_owned()
}
