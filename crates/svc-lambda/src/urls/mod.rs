//! URLs of functions: HTTP requests that run a function, and its answers as HTTP.
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>
//!
//! A request is let in ([`access`]), becomes an event ([`event`]), runs, and its answer becomes HTTP again ([`answer`]),
//! with what CORS adds ([`cors`]).

mod access;
mod answer;
mod cors;
mod event;

use crate::invocation::Event;
use crate::model::name::FunctionName;
use crate::ops::invoke::ready_target;
use crate::response_stream::{Beginning, execute_streaming};
use crate::tables::{FUNCTION_URL_IDS, FUNCTION_URLS, FunctionUrlRecord};
use crate::{Failure, Lambda, Result, durable, limits};
use base::{AccountId, BoxFut, Region};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use parking_lot::RwLock;
use rt::{Site, Visit};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use wire::{Protocol, Response, Service};
use wire_lambda::SERVICE;

/// The label behind a URL's id.
const LABEL: &str = "lambda-url";

/// The trace that a request belongs to.
const TRACE_HEADER: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// A URL that exists.
struct Url {
    record: FunctionUrlRecord,
    /// The function, with the alias.
    name: FunctionName,
}

/// Hosts of the form `<id>.lambda-url.<region>`.
pub struct FunctionUrls {
    lambda: Arc<Lambda>,
    known: RwLock<Known>,
}

/// URLs that were read while their table had this generation.
#[derive(Default)]
struct Known {
    generation: u64,
    urls: HashMap<String, Arc<Url>>,
}

/// An answer that ends the way of a request.
type Refused = Box<Response>;

impl FunctionUrls {
    /// The URLs of the service's functions.
    pub fn new(lambda: Arc<Lambda>) -> Self {
        FunctionUrls { lambda, known: RwLock::default() }
    }

    async fn url(&self, id: &str, region: &str) -> Result<Option<Arc<Url>>> {
        let generation = self.lambda.deps.store.generation(&FUNCTION_URLS);
        {
            let known = self.known.read();
            if known.generation == generation
                && let Some(url) = known.urls.get(id)
            {
                return Ok(Some(url.clone()).filter(|url| url.name.region.as_str() == region));
            }
        }
        let id = id.to_string();
        let read = self.lambda.deps.store.view(|view| {
            let Some(place) = view.get(&FUNCTION_URL_IDS, &(id.clone(),))? else { return Ok(None) };
            let (Some(account), Some(region)) =
                (AccountId::parse(&place.account), Region::parse(&place.region))
            else {
                return Ok(None);
            };
            let key = (account, region.clone(), place.function.clone(), place.qualifier.clone());
            let record = view.get(&FUNCTION_URLS, &key)?;
            let qualifier = Some(place.qualifier).filter(|qualifier| !qualifier.is_empty());
            let name = FunctionName { account, region, name: place.function, qualifier };
            Ok::<_, Failure>(record.map(|record| Arc::new(Url { record, name })))
        });
        let Some(url) = read.await? else { return Ok(None) };
        let mut known = self.known.write();
        if known.generation != generation || known.urls.len() >= limits::RESOLUTIONS_MAX {
            *known = Known { generation, urls: HashMap::new() };
        }
        known.urls.insert(id, url.clone());
        Ok(Some(url).filter(|url| url.name.region.as_str() == region))
    }

    async fn serve(&self, visit: &Visit) -> std::result::Result<Response, Refused> {
        let id = visit.cx.request_id;
        let [label, _, region] = &visit.labels[..] else { return Err(no_such_url()) };
        let url = self.url(label, region).await.map_err(|error| failed(&error, id))?;
        let url = url.ok_or_else(no_such_url)?;
        let cors = url.record.cors.as_ref();
        if let Some(cors) = cors
            && let Some(preflight) = cors::preflight(cors, &visit.request)
        {
            return Ok(preflight);
        }
        let mut response = match self.run(&url, visit).await {
            Ok(response) | Err(response) => *response,
        };
        if let Some(cors) = cors {
            cors::allow(cors, &visit.request.headers, &mut response.headers);
        }
        Ok(response)
    }

    async fn run(&self, url: &Url, visit: &Visit) -> std::result::Result<Refused, Refused> {
        let lambda = &self.lambda;
        let id = visit.cx.request_id;
        let cx = access::check(lambda, url, visit).await?;
        let target = ready_target(lambda, &url.name).await.map_err(|error| failed(&error, id))?;
        let incoming = visit.cx.trace.incoming.as_deref();
        let trace = crate::recursion::enter(lambda, incoming, &url.name.key()).header;
        let added = event::Added { port: lambda.port(), trace: &trace };
        let payload = event::event(url, visit, &cx, added).to_string();
        if payload.len() > limits::PAYLOAD_BYTES_MAX {
            let text = json!({ "message": "Request Entity Too Large" });
            return Err(error(413, "RequestEntityTooLargeException", &text));
        }
        let header = HeaderValue::from_str(&trace);
        let event = Event {
            trace: Some(trace),
            request_id: id,
            invoked_function_arn: url.name.arn(),
            payload: payload.into(),
            client_context: None,
        };
        let begun = match target.record.configuration.durable.is_some() {
            true => {
                let executed = durable::invoke::run(lambda, &url.name, event.payload).await;
                executed.map(Beginning::Whole)
            }
            false => execute_streaming(lambda, target, event).await,
        };
        let begun = begun.map_err(|error| failed(&error, id))?;
        let answered = match url.record.invoke_mode.as_deref() {
            Some("RESPONSE_STREAM") => answer::streamed(begun).await,
            _ => answer::buffered(begun).await,
        };
        let mut answered = answered.map(Box::new).unwrap_or_else(internal_server_error);
        answered.headers.extend(header.ok().map(|trace| (TRACE_HEADER, trace)));
        Ok(answered)
    }
}

impl Site for FunctionUrls {
    fn service(&self) -> &'static Service {
        &SERVICE
    }

    fn owns(&self, labels: &[String]) -> bool {
        matches!(labels, [_, label, _] if label == LABEL)
    }

    fn operation(&self) -> &'static str {
        "InvokeFunctionUrl"
    }

    fn body_bytes_max(&self) -> u64 {
        limits::PAYLOAD_BYTES_MAX as u64
    }

    fn answer(&self, visit: Visit) -> BoxFut<'_, Response> {
        Box::pin(async move {
            match self.serve(&visit).await {
                Ok(response) => response,
                Err(response) => *response,
            }
        })
    }
}

impl Lambda {
    /// The address of the URL with this id, as callers on this machine reach it: names below `localhost` are its own.
    pub(crate) fn function_url(&self, id: &str, region: &Region) -> String {
        format!("http://{id}.{LABEL}.{region}.localhost:{}/", self.port())
    }

    /// The port of the cloud's endpoint.
    fn port(&self) -> &str {
        self.deps.endpoint_url.rsplit(':').next().unwrap_or_default()
    }
}

fn response(status: StatusCode, body: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response { status: status.as_u16(), headers, body: body.into() }
}

fn error(status: u16, kind: &'static str, body: &Value) -> Refused {
    let status = StatusCode::from_u16(status).expect("statuses are literals");
    let mut response = response(status, body.to_string());
    response.headers.insert("x-amzn-errortype", HeaderValue::from_static(kind));
    Box::new(response)
}

/// docs: what clients report
fn no_such_url() -> Refused {
    error(403, "AccessDeniedException", &json!({ "Message": null }))
}

/// The function failed, or its answer makes no sense. docs: what clients report
fn internal_server_error() -> Refused {
    Box::new(response(StatusCode::BAD_GATEWAY, "Internal Server Error".to_string()))
}

/// An error of `Invoke`. guess: that it looks as there
fn failed(error: &wire::Error, id: base::RequestId) -> Refused {
    match error.internal_cause() {
        Some(cause) => {
            tracing::error!(%id, error = %cause, "a request to a URL failed");
            internal_server_error()
        }
        None => Box::new(SERVICE.error(Protocol::RestJson, error, &id.to_string())),
    }
}
