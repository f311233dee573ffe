//! The way of one request.

use crate::audit::Noted;
use crate::body::{AnswerBody, BodyError};
use crate::catalog::Entry;
use crate::identity::{self, Denial, Identity, Sent};
use crate::sigv4::{Claim, Head, is_version_2};
use crate::upload::{Check, Close, Rest, Words};
use crate::{Front, Peer, admin, hosts, limits};
use base::RequestId;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::body::Incoming;
use rt::Notes;
use seams::CallCx;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tracing::Instrument;
use wire::{Body, Common, Error, Operation, Protocol, Request, Response, Service};

/// What is known of a request so far: enough to answer in the right protocol if it fails now, and for its log entry.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) service: Option<&'static Service>,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) operation: &'static str,
    /// For the audit trail.
    pub(crate) noted: Option<Noted>,
    caller: Option<Arc<seams::Caller>>,
    close: Close,
}

impl Front {
    /// Answers `request`, whatever happens.
    pub(crate) async fn answer<G>(
        &self,
        request: http::Request<Incoming>,
        peer: Peer,
    ) -> http::Response<AnswerBody<G>> {
        let began = self.clock.monotonic();
        let id = RequestId::new(&*self.entropy);
        let span = tracing::debug_span!("request", %id);
        let mut known = Known::default();
        let may_close = request.version() < http::Version::HTTP_2;
        let run = AssertUnwindSafe(self.run(request, peer, id, &mut known)).catch_unwind();
        let response = run.instrument(span).await.unwrap_or_else(|_| {
            tracing::error!(%id, service = known.name(), operation = known.operation, "an operation panicked");
            known.render(&Error::internal("an operation panicked"), id)
        });
        tracing::debug!(
            %id,
            service = known.name(),
            operation = known.operation,
            account = known.caller.as_ref().map(|caller| tracing::field::display(caller.account)),
            status = response.status,
            duration_us = (self.clock.monotonic() - began).as_micros() as u64,
            "answered"
        );
        let mut response = into_http(response, id);
        if may_close && known.close.is_due() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn run(
        &self,
        request: http::Request<Incoming>,
        peer: Peer,
        id: RequestId,
        known: &mut Known,
    ) -> Response {
        let (mut parts, incoming) = request.into_parts();
        // HTTP/2 and absolute URIs name the host elsewhere; signatures cover it under this name.
        if let Some(authority) = parts.uri.authority()
            && !parts.headers.contains_key(header::HOST)
            && let Ok(host) = HeaderValue::from_str(authority.as_str())
        {
            parts.headers.insert(header::HOST, host);
        }
        if let Some((site, labels)) = self.site(&parts.headers) {
            known.service = Some(site.service());
            known.operation = "(a host of its own)";
            return self.visit(site, labels, parts, incoming, peer, id).await;
        }
        let path = parts.uri.path();
        let report = self.reports.iter().find(|report| report.path == path);
        if admin::owns(path) && (report.is_none() || parts.method != http::Method::GET) {
            return self.administer(&parts.method, path, &parts.headers, peer).await;
        }
        let request = Request {
            path: path.to_string(),
            query: parts.uri.query().unwrap_or_default().to_string(),
            method: parts.method,
            headers: parts.headers,
            body: Body::default(),
        };
        if let Some(report) = report {
            return self.report(report, &request, peer, id).await;
        }
        let served = self.serve_request(request, incoming, peer, id, known).await;
        let error = served.as_ref().err().and_then(Failure::error);
        self.record(known, error);
        match served {
            Ok(response) => response,
            Err(Failure::Service(error)) => {
                if let Some(cause) = error.internal_cause() {
                    let chain = chain(cause);
                    tracing::error!(%id, service = known.name(), operation = known.operation, error = chain, "an operation failed");
                }
                known.render(&error, id)
            }
            Err(Failure::UnknownService { name, form }) => unknown_service(&name, form, id),
        }
    }

    async fn serve_request(
        &self,
        mut request: Request,
        incoming: Incoming,
        peer: Peer,
        id: RequestId,
        known: &mut Known,
    ) -> Result<Response, Failure> {
        // Signatures cover the path as it was sent.
        let path = request.path.clone();
        let head = Head {
            method: request.method.as_str(),
            path: &path,
            query: &request.query,
            headers: &request.headers,
        };
        let claim = Claim::parse(&head);
        let signed = claim.as_ref().ok().and_then(Option::as_ref);
        let by_head = self.catalog.by_head(&request, signed);
        if let (Some(claim), None) = (signed, by_head) {
            return Err(Failure::unknown_service(claim.service(), &request));
        }
        // Only forms name their service in their body.
        let by_head = by_head.or_else(|| match request.method {
            http::Method::POST => None,
            _ => self.catalog.by_content(&request),
        });
        if let Some(entry) = by_head.filter(|entry| entry.service.dialect.s3) {
            if is_version_2(&head) {
                known.is(entry.service, entry.service.protocols[0], None);
                return Err(Error::other(400, "InvalidRequest", VERSION_2).into());
            }
            self.put_bucket_into_path(&mut request.path, head.headers);
            let (protocol, operation) = entry.service.find(&request);
            if let Ok(operation) = &operation
                && operation.streams_input()
                && entry.routes.is_some()
            {
                known.is(entry.service, protocol, Some(operation));
                let waits = head.headers.contains_key(header::EXPECT);
                let rest = self.bodies.rest(incoming, waits, known.close.clone());
                let words = Words {
                    service: entry.service,
                    protocol,
                    presigned: signed.is_some_and(Claim::is_presigned),
                };
                let identity = match &claim {
                    Ok(claim) => {
                        let (claim, now) = (claim.as_ref(), self.clock.now());
                        self.identify(&head, claim, Sent::Later, true, peer, now).await
                    }
                    Err(refusal) => Err(Denial::from(refusal.clone())),
                };
                drop(claim);
                let identity = identity.map_err(|denial| {
                    denial.into_error(entry.service, protocol, words.presigned)
                })?;
                return self
                    .take_in(entry, operation, words, request, rest, (identity, peer, id), known)
                    .await;
            }
        }
        let limit = limits::body_bytes_max(by_head.map_or("", |entry| entry.service.signing_name));
        let read = self.bodies.read(incoming, limit).await;
        let now = self.clock.now();
        request.body = match &read {
            Ok((bytes, _)) => Body::Full(bytes.clone()),
            Err(_) => Body::default(),
        };
        let entry = by_head.or_else(|| self.catalog.by_content(&request));
        let entry = entry.ok_or_else(|| Failure::unknown_service("", &request))?;
        if by_head.is_none() && entry.service.dialect.s3 {
            self.put_bucket_into_path(&mut request.path, head.headers);
        }
        let (protocol, operation) = entry.service.find(&request);
        known.is(entry.service, protocol, operation.as_ref().ok().copied());
        let (body, _room) = read.map_err(body_error)?;
        let public = operation.as_ref().is_ok_and(|o| identity::is_public(entry.service, o.name));
        let presigned = signed.is_some_and(Claim::is_presigned);
        let identity = match &claim {
            Ok(claim) => {
                self.identify(&head, claim.as_ref(), Sent::Whole(&body), public, peer, now).await
            }
            Err(refusal) => Err(Denial::from(refusal.clone())),
        };
        let identity =
            identity.map_err(|denial| denial.into_error(entry.service, protocol, presigned))?;
        drop(claim);
        known.caller = Some(identity.caller.clone());
        let cx = context(&identity, &request.headers, peer, id, now);
        if let Some(decoded) = identity.decoded {
            identity::undo_chunks(&mut request.headers, decoded.trailers);
            request.body = decoded.body.into();
        }
        if presigned && entry.service.dialect.s3 {
            identity::hoist(&mut request.headers, &request.query);
        }
        let operation = operation?;
        let cx = Arc::new(cx);
        let noted = known.noted.insert(self.note(entry.service, operation.name, &cx));
        Ok(self.call(entry, protocol, operation, request, (cx, noted.notes.as_ref())).await?)
    }

    /// Where the host names a bucket, the path continues it.
    fn put_bucket_into_path(&self, path: &mut String, headers: &HeaderMap) {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        if let Some(bucket) = hosts::bucket(host.unwrap_or_default(), &self.host_names) {
            *path = format!("/{bucket}{path}");
        }
    }

    /// The rest of the way of a request whose body goes to the operation as it comes.
    #[expect(clippy::too_many_arguments, reason = "all that is known of the request by then")]
    async fn take_in(
        &self,
        entry: &Entry,
        operation: &'static Operation,
        words: Words,
        mut request: Request,
        rest: Rest,
        (identity, peer, id): (Identity, Peer, RequestId),
        known: &mut Known,
    ) -> Result<Response, Failure> {
        known.caller = Some(identity.caller.clone());
        let cx = Arc::new(context(&identity, &request.headers, peer, id, self.clock.now()));
        if matches!(identity.check, Check::Chunks(_)) {
            identity::announce_chunks(&mut request.headers);
        }
        if words.presigned {
            identity::hoist(&mut request.headers, &request.query);
        }
        let body = self.bodies.stream(rest, identity.check, words).await;
        request.body = body.map_err(body_error)?;
        let noted = known.noted.insert(self.note(entry.service, operation.name, &cx));
        let notes = noted.notes.as_ref();
        Ok(self.call(entry, words.protocol, operation, request, (cx, notes)).await?)
    }

    async fn call(
        &self,
        entry: &Entry,
        protocol: Protocol,
        operation: &'static Operation,
        request: Request,
        (cx, notes): (Arc<CallCx>, Option<&Notes>),
    ) -> Result<Response, Error> {
        match &entry.routes {
            Some(routes) => {
                let authorizer = &*self.authorizer;
                let called =
                    routes.call_noted(protocol, operation, request, cx.clone(), authorizer, notes);
                let mut response = called.await?;
                let trace = cx.trace.outgoing.get();
                if let Some(trace) = trace.and_then(|trace| HeaderValue::from_str(trace).ok()) {
                    response.headers.insert(TRACE_HEADER, trace);
                }
                Ok(response)
            }
            None => Err(Error::not_implemented(entry.service, operation.name)),
        }
    }
}

/// As S3 says it where it takes no signatures of version 2.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
const VERSION_2: &str =
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";

/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
const TRACE_HEADER: &str = "x-amzn-trace-id";

pub(crate) fn context(
    identity: &Identity,
    headers: &HeaderMap,
    peer: Peer,
    request_id: RequestId,
    now: base::Time,
) -> CallCx {
    let user_agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    CallCx {
        caller: identity.caller.clone(),
        account: identity.caller.account,
        region: identity.region.clone(),
        request_id,
        received_at: now,
        source_arn: None,
        source_ip: Some(peer.address),
        user_agent: user_agent.unwrap_or_default().into(),
        hops: 0,
        trace: seams::Trace {
            incoming: headers
                .get(TRACE_HEADER)
                .and_then(|value| value.to_str().ok())
                .filter(|value| value.len() <= limits::TRACE_HEADER_BYTES_MAX)
                .map(Into::into),
            outgoing: Default::default(),
        },
    }
}

impl Known {
    fn is(
        &mut self,
        service: &'static Service,
        protocol: Protocol,
        operation: Option<&'static Operation>,
    ) {
        self.service = Some(service);
        self.protocol = Some(protocol);
        self.operation = operation.map_or("", |operation| operation.name);
    }

    fn name(&self) -> &'static str {
        self.service.map_or("", |service| service.name)
    }

    fn render(&self, error: &Error, id: RequestId) -> Response {
        match (self.service, self.protocol) {
            (Some(service), Some(protocol)) => service.error(protocol, error, &id.to_string()),
            _ => json(
                StatusCode::INTERNAL_SERVER_ERROR,
                &serde_json::json!({ "__type": "InternalFailure", "message": "" }),
            ),
        }
    }
}

/// Why a request failed.
enum Failure {
    Service(Error),
    /// No service has this name; the request looks like a form or not.
    UnknownService {
        name: String,
        form: bool,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Service(error)
    }
}

impl Failure {
    fn error(&self) -> Option<&Error> {
        match self {
            Failure::Service(error) => Some(error),
            Failure::UnknownService { .. } => None,
        }
    }

    fn unknown_service(name: &str, request: &Request) -> Self {
        let content_type = request.header("content-type").unwrap_or_default();
        let form = content_type.starts_with("application/x-www-form-urlencoded");
        Failure::UnknownService { name: name.to_string(), form }
    }
}

pub(crate) fn body_error(error: BodyError) -> Error {
    match error {
        BodyError::TooLarge(limit) => Error::common(
            Common::RequestTooLarge,
            format!("Request must be smaller than {limit} bytes."),
        ),
        BodyError::Truncated => Error::other(
            400,
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
        ),
        BodyError::TimedOut => Error::other(
            408,
            "RequestTimeout",
            "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.",
        ),
    }
}

/// In JSON, which most services speak, or as the query protocols' XML where the request is a form.
fn unknown_service(name: &str, form: bool, id: RequestId) -> Response {
    let name = match name {
        "" => "the service of this request".to_string(),
        name => format!("the service '{}'", name.escape_debug()),
    };
    let message = format!("{name} is not built here; docs/coverage.md lists what is.");
    if !form {
        let body = serde_json::json!({ "__type": "NotImplemented", "message": message });
        let mut response = json(StatusCode::NOT_IMPLEMENTED, &body);
        let code = HeaderValue::from_static("NotImplemented");
        response.headers.insert("x-amzn-errortype", code);
        return response;
    }
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<ErrorResponse><Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
    );
    response(StatusCode::NOT_IMPLEMENTED, "text/xml", body)
}

/// A JSON answer of the front end itself.
pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    response(status, "application/json", body.to_string())
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Response { status: status.as_u16(), headers, body: body.into() }
}

fn into_http<G>(response: Response, id: RequestId) -> http::Response<AnswerBody<G>> {
    let mut out = http::Response::new(AnswerBody::new(response.body));
    *out.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *out.headers_mut() = response.headers;
    let headers = out.headers_mut();
    if !headers.contains_key("x-amzn-requestid") && !headers.contains_key("x-amz-request-id") {
        let id = HeaderValue::from_str(&id.to_string());
        headers.insert("x-amzn-requestid", id.expect("request ids are ASCII"));
    }
    out
}

/// An error with all its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}
