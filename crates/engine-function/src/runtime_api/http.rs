//! The Runtime API's HTTP: connections, routes, bodies.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use engine::{ResponseSink, StreamError};
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::refusal::Refusal;
use super::{
    Answer, CONNECTIONS_MAX, Conversation, DISCARDED_BYTES_MAX, ERROR_TYPE_BYTES_MAX,
    HEAD_BYTES_MAX, PIECE_BYTES_MAX, Pending, RESPONSE_BYTES_MAX, STREAMED_BYTES_MAX, Turn,
    extension_http, telemetry_http,
};
use crate::task::Task;

const ERROR_TYPE_HEADER: &str = "lambda-runtime-function-error-type";
const ERROR_BODY_TRAILER: &str = "lambda-runtime-function-error-body";
const RESPONSE_MODE_HEADER: &str = "lambda-runtime-function-response-mode";
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The server of one environment. Dropping it closes its connections.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    server: Task,
    stop_accepting: CancellationToken,
}

impl RuntimeApi {
    /// Serves `listener`, which must be non-blocking.
    pub(crate) fn serve(
        listener: std::net::TcpListener,
        conversation: Arc<Conversation>,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::from_std(listener)?;
        let stop_accepting = CancellationToken::new();
        let workers = usize::try_from(conversation.max_concurrency).unwrap_or_default();
        let connections_max = CONNECTIONS_MAX + 2 * workers;
        let stop = stop_accepting.clone();
        let server = Task::spawn(accept(listener, conversation, connections_max, stop));
        Ok(Self { server, stop_accepting })
    }

    /// Accepts nothing more and waits until the open connections have ended: when their peer is dead, that is when its
    /// last words have been read. Closes them after `at_most`.
    pub(crate) async fn drain(&mut self, at_most: Duration) {
        self.stop_accepting.cancel();
        if tokio::time::timeout(at_most, self.server.join()).await.is_err() {
            self.server.abort();
        }
    }
}

async fn accept(
    listener: TcpListener,
    conversation: Arc<Conversation>,
    connections_max: usize,
    stop: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < connections_max => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, Arc::clone(&conversation)));
                }
                // A connection that was reset before it was accepted, or no descriptor left: try again a little later.
                Err(error) => {
                    tracing::debug!(%error, "accepting on a Runtime API failed");
                    tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>()).await.ok();
                }
            },
        }
    }
    // A peer may have connected, spoken and died before anybody looked: its last words wait in the listener, and only the
    // kernel knows of them for certain.
    if let Ok(listener) = listener.into_std() {
        while connections.len() < CONNECTIONS_MAX
            && let Ok((stream, _)) = listener.accept()
        {
            if stream.set_nonblocking(true).is_ok()
                && let Ok(stream) = TcpStream::from_std(stream)
            {
                connections.spawn(serve_connection(stream, Arc::clone(&conversation)));
            }
        }
    }
    while connections.join_next().await.is_some() {}
}

async fn serve_connection(stream: TcpStream, conversation: Arc<Conversation>) {
    // Without it the kernel would hold back the end of an answer until the peer acknowledges its beginning.
    let _ = stream.set_nodelay(true);
    let Ok(watched) = watch(&stream) else { return };
    let service = service_fn(|request: Request<Incoming>| {
        let conversation = Arc::clone(&conversation);
        let watched = &watched;
        async move {
            // What waits for an invocation must not take one for a peer that is gone. Whoever brings something is heard
            // to the end, though nobody may be left to hear the answer.
            let waits = request.method() == Method::GET;
            tokio::select! {
                biased;
                () = ends(watched), if waits => Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)),
                response = respond(request, &conversation) => Ok(response),
            }
        }
    });
    let mut server = http1::Builder::new();
    // No time limit: a connection rests while the handler works, and one that is slow holds nothing but its own buffer.
    server.max_buf_size(HEAD_BYTES_MAX);
    // Bootstraps in shell look for the headers as AWS writes them.
    server.title_case_headers(true);
    // Else an answer would be thrown away when its sender dies right after it.
    server.half_close(true);
    // What goes wrong on a connection is the peer's affair.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

/// A second handle of the connection, by which its end is seen while the first belongs to the HTTP server.
fn watch(stream: &TcpStream) -> std::io::Result<TcpStream> {
    TcpStream::from_std(stream.as_fd().try_clone_to_owned()?.into())
}

/// Returns when the peer sends nothing more. Never, if it has sent what nobody has read yet.
async fn ends(watched: &TcpStream) {
    match watched.peek(&mut [0]).await {
        Ok(0) | Err(_) => {}
        Ok(_) => std::future::pending().await,
    }
}

async fn respond(request: Request<Incoming>, conversation: &Conversation) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    if extension_http::is_path(path) {
        let answered = extension_http::respond(request, conversation).await;
        return answered.unwrap_or_else(render_refusal);
    }
    if let Some(api) = telemetry_http::api(path) {
        let answered = telemetry_http::respond(api, request, conversation).await;
        return answered.unwrap_or_else(render_refusal);
    }
    let answered = match Route::of(request.method(), request.uri().path()) {
        Ok(Route::Next) => conversation.next().await.map(|pending| render_invocation(&pending)),
        Ok(Route::Answer { id, error }) => {
            let id = id.to_owned();
            answer(request, conversation, &id, error).await
        }
        Ok(Route::RestoreNext) => conversation.await_restore().await.map(|told| {
            let mut response = Response::new(Full::new(told));
            response.headers_mut().insert(CONTENT_TYPE, JSON);
            response
        }),
        Ok(Route::InitError) => init_error(request, conversation).await,
        Ok(Route::Ping) => Ok(Response::new(Full::from("pong"))),
        Err(status) => return not_routed(status),
    };
    answered.unwrap_or_else(render_refusal)
}

#[derive(Debug, PartialEq, Eq)]
enum Route<'a> {
    Next,
    Answer { id: &'a str, error: bool },
    RestoreNext,
    InitError,
    Ping,
}

impl<'a> Route<'a> {
    fn of(method: &Method, path: &'a str) -> Result<Self, StatusCode> {
        let path = path.strip_prefix("/2018-06-01/").ok_or(StatusCode::NOT_FOUND)?;
        let (expected, route) = match path {
            "ping" => (Method::GET, Self::Ping),
            "runtime/invocation/next" => (Method::GET, Self::Next),
            "runtime/init/error" => (Method::POST, Self::InitError),
            "runtime/restore/next" => (Method::GET, Self::RestoreNext),
            "runtime/restore/error" => (Method::POST, Self::InitError),
            _ => {
                let rest = path.strip_prefix("runtime/invocation/").ok_or(StatusCode::NOT_FOUND)?;
                match rest.split_once('/') {
                    Some((id, "response")) => (Method::POST, Self::Answer { id, error: false }),
                    Some((id, "error")) => (Method::POST, Self::Answer { id, error: true }),
                    _ => return Err(StatusCode::NOT_FOUND),
                }
            }
        };
        if *method == expected { Ok(route) } else { Err(StatusCode::METHOD_NOT_ALLOWED) }
    }
}

/// The answer to `GET /runtime/invocation/next`.
fn render_invocation(pending: &Pending) -> Response<Full<Bytes>> {
    let invocation = &pending.invocation;
    let mut response = Response::new(Full::new(invocation.payload.clone()));
    let headers = response.headers_mut();
    headers.reserve(8);
    let mut put = |name: &'static str, value: &str| {
        // Callers validate what they pass on; a value that no header can carry is left out rather than fatal.
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.insert(name, value);
        }
    };
    put("lambda-runtime-aws-request-id", &pending.id);
    put("lambda-runtime-deadline-ms", &invocation.deadline.unix_ms().to_string());
    put("lambda-runtime-invoked-function-arn", &invocation.invoked_function_arn);
    let optional = [
        ("lambda-runtime-trace-id", &invocation.trace_id),
        ("lambda-runtime-client-context", &invocation.client_context),
        ("lambda-runtime-cognito-identity", &invocation.cognito_identity),
        ("lambda-runtime-aws-tenant-id", &invocation.tenant_id),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            put(name, value);
        }
    }
    headers.insert(CONTENT_TYPE, JSON);
    response
}

async fn answer(
    request: Request<Incoming>,
    conversation: &Conversation,
    id: &str,
    error: bool,
) -> Result<Response<Full<Bytes>>, Refusal> {
    let mut turn = match conversation.answer(id, error) {
        Ok(turn) => turn,
        Err(refusal) => return refuse(refusal, request).await,
    };
    let streaming = !error && is_streaming(request.headers())?;
    if streaming && let Some(sink) = turn.stream_to() {
        return stream(request, turn, &*sink).await;
    }
    let error_type = error_type(request.headers());
    let with_cause = is_error_with_cause(request.headers());
    match read_body(request.into_body()).await {
        Read::All { body, .. } if error => {
            let body = if with_cause { without_cause(&body) } else { body };
            turn.finish(Answer::Error { error_type, body });
        }
        Read::All { body, trailers } => turn.finish(match stream_error(trailers.as_ref()) {
            Some(StreamError { error_type, body }) if streaming => {
                Answer::Error { error_type, body }
            }
            _ => Answer::Response(body),
        }),
        Read::TooLarge { bytes, rest } => {
            turn.finish(Answer::TooLarge { bytes });
            discard(rest).await;
            return Err(Refusal::RequestEntityTooLarge);
        }
        Read::Truncated => return Err(Refusal::TruncatedHttpRequest),
    }
    Ok(accepted())
}

/// Passes an answer on as it comes.
async fn stream(
    request: Request<Incoming>,
    turn: Turn<'_>,
    sink: &dyn ResponseSink,
) -> Result<Response<Full<Bytes>>, Refusal> {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    sink.begin(content_type);
    let mut body = request.into_body();
    let mut bytes = 0;
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::TruncatedHttpRequest)?;
        match frame.into_data() {
            Ok(mut piece) => {
                bytes += piece.len() as u64;
                if bytes > STREAMED_BYTES_MAX {
                    turn.finish(Answer::TooLarge { bytes });
                    discard(body).await;
                    return Err(Refusal::RequestEntityTooLarge);
                }
                while !piece.is_empty() {
                    sink.write(piece.split_to(piece.len().min(PIECE_BYTES_MAX))).await;
                }
            }
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    turn.finish(Answer::Streamed { error: stream_error(trailers.as_ref()) });
    Ok(accepted())
}

/// What the trailers of a streamed answer say of its failure.
fn stream_error(trailers: Option<&HeaderMap>) -> Option<StreamError> {
    let trailers = trailers?;
    trailers.get(ERROR_TYPE_HEADER)?;
    let body = trailers.get(ERROR_BODY_TRAILER).map(HeaderValue::as_bytes).unwrap_or_default();
    // What is not in Base64 is shown as it is: it was meant for a reader.
    let body = STANDARD.decode(body).map_or_else(|_| Bytes::copy_from_slice(body), Bytes::from);
    Some(StreamError { error_type: error_type(trailers), body })
}

/// Whether the answer is to reach its invoker as it comes.
fn is_streaming(headers: &HeaderMap) -> Result<bool, Refusal> {
    match headers.get(RESPONSE_MODE_HEADER).map(HeaderValue::as_bytes) {
        None | Some(b"buffered") => Ok(false),
        Some(b"streaming") => Ok(true),
        Some(_) => Err(Refusal::InvalidFunctionResponseMode),
    }
}

async fn init_error(
    request: Request<Incoming>,
    conversation: &Conversation,
) -> Result<Response<Full<Bytes>>, Refusal> {
    if let Err(refusal) = conversation.begin_init_error() {
        return refuse(refusal, request).await;
    }
    let error_type = error_type(request.headers());
    let body = match read_body(request.into_body()).await {
        Read::All { body, .. } => body,
        Read::TooLarge { .. } | Read::Truncated => Bytes::new(),
    };
    conversation.report_init_error(error_type, body);
    Ok(accepted())
}

enum Read {
    All { body: Bytes, trailers: Option<HeaderMap> },
    TooLarge { bytes: u64, rest: Incoming },
    Truncated,
}

async fn read_body(mut body: Incoming) -> Read {
    let announced = body.size_hint().exact();
    if let Some(bytes) = announced.filter(|bytes| *bytes > RESPONSE_BYTES_MAX as u64) {
        return Read::TooLarge { bytes, rest: body };
    }
    let mut first = Bytes::new();
    let mut all: Option<BytesMut> = None;
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Read::Truncated };
        let chunk = match frame.into_data() {
            Ok(chunk) => chunk,
            Err(frame) => {
                trailers = frame.into_trailers().ok();
                continue;
            }
        };
        let length = all.as_ref().map_or(first.len(), BytesMut::len) + chunk.len();
        if length > RESPONSE_BYTES_MAX {
            return Read::TooLarge { bytes: length as u64, rest: body };
        }
        match &mut all {
            Some(all) => all.extend_from_slice(&chunk),
            // Short answers come in one piece, which is taken as it is.
            None if first.is_empty() => first = chunk,
            None => {
                // Bounded: what is announced passed the check above.
                let mut joined =
                    BytesMut::with_capacity(announced.map_or(2 * length, |bytes| bytes as usize));
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&chunk);
                all = Some(joined);
            }
        }
    }
    Read::All { body: all.map_or(first, BytesMut::freeze), trailers }
}

/// Refuses when the body has come: an answer before it would end the connection, on which the client goes on.
async fn refuse<T>(refusal: Refusal, request: Request<Incoming>) -> Result<T, Refusal> {
    discard(request.into_body()).await;
    Err(refusal)
}

async fn discard(mut body: Incoming) {
    let mut discarded = 0;
    while discarded < DISCARDED_BYTES_MAX {
        match body.frame().await {
            Some(Ok(frame)) => discarded += frame.data_ref().map_or(0, |data| data.len() as u64),
            Some(Err(_)) | None => return,
        }
    }
}

fn error_type(headers: &HeaderMap) -> String {
    let value = headers.get(ERROR_TYPE_HEADER).map(HeaderValue::as_bytes).unwrap_or_default();
    String::from_utf8_lossy(&value[..value.len().min(ERROR_TYPE_BYTES_MAX)]).into_owned()
}

/// Some clients send the stack trace for X-Ray within the document instead of in a header.
fn is_error_with_cause(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value == "application/vnd.aws.lambda.error.cause+json")
}

/// Keeps of an error document what its invoker sees.
fn without_cause(body: &Bytes) -> Bytes {
    match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body) {
        Ok(mut document) => {
            document.retain(|key, _| {
                matches!(key.as_str(), "errorMessage" | "errorType" | "stackTrace")
            });
            Bytes::from(serde_json::Value::Object(document).to_string())
        }
        Err(_) => Bytes::from_static(b"\"Invalid error body\""),
    }
}

pub(super) fn accepted() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from("{\"status\":\"OK\"}\n"));
    *response.status_mut() = StatusCode::ACCEPTED;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

fn render_refusal(refusal: Refusal) -> Response<Full<Bytes>> {
    let (status, body) = refusal.render();
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("refusals have valid statuses");
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    if refusal == Refusal::RequestEntityTooLarge {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

pub(super) fn not_routed(status: StatusCode) -> Response<Full<Bytes>> {
    let not_found = status == StatusCode::NOT_FOUND;
    let mut response =
        Response::new(Full::from(if not_found { "404 page not found\n" } else { "" }));
    *response.status_mut() = status;
    if not_found {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    } else {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    response
}
