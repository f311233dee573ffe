//! What the cloud says of itself, beside AWS's APIs: `/_nuage/…` and what tools for LocalStack ask.

use crate::dispatch::json;
use crate::identity::is_from_web_page;
use crate::{Front, Peer};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value};
use wire::Response;

/// Paths of this module. No AWS API has paths that begin so, and names of S3 buckets can not.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/_nuage/") || path.starts_with("/_localstack/")
}

impl Front {
    /// Answers without a signature, so only under a name of this machine, and to nobody's web page.
    pub(crate) async fn administer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        peer: Peer,
    ) -> Response {
        if !self.is_meant_for_here(headers) {
            return refused("The host name of this request is not one of this cloud.");
        }
        match (method.as_str(), path) {
            ("GET" | "HEAD", "/_nuage/health") => json(StatusCode::OK, &self.health()),
            ("GET" | "HEAD", "/_localstack/health") => {
                json(StatusCode::OK, &self.localstack_health())
            }
            ("POST", "/_nuage/reset") => self.reset(headers, peer).await,
            (_, "/_nuage/health" | "/_localstack/health" | "/_nuage/reset") => {
                message(StatusCode::METHOD_NOT_ALLOWED, "This path has another method.")
            }
            ("GET" | "HEAD", _) if self.downloads.iter().any(|d| path.starts_with(d.prefix)) => {
                self.download(path).await
            }
            _ => message(
                StatusCode::NOT_FOUND,
                "There is nothing here. GET /_nuage/health tells how the cloud is; POST /_nuage/reset empties it if it was started with --ephemeral.",
            ),
        }
    }

    async fn download(&self, path: &str) -> Response {
        for download in &self.downloads {
            if let Some(token) = path.strip_prefix(download.prefix)
                && let Some(body) = (download.get)(token.to_string()).await
            {
                let mut headers = HeaderMap::new();
                let content_type = HeaderValue::from_static("application/octet-stream");
                headers.insert(http::header::CONTENT_TYPE, content_type);
                return Response { status: 200, headers, body: body.into() };
            }
        }
        message(StatusCode::FORBIDDEN, "This location does not exist or its time is over.")
    }

    fn health(&self) -> Value {
        let services = self.services("running", "not built");
        let uptime_ms = (self.clock.monotonic() - self.began).as_millis() as u64;
        serde_json::json!({
            "status": "running",
            "version": self.version,
            "uptime_ms": uptime_ms,
            "ephemeral": self.reset.is_some(),
            "services": services,
            "limitations": (self.limitations)(),
        })
    }

    /// As LocalStack's documentation shows it.
    /// <https://docs.localstack.cloud/aws/capabilities/networking/internal-endpoints/>
    fn localstack_health(&self) -> Value {
        serde_json::json!({
            "services": self.services("running", "disabled"),
            "edition": "nuage",
            "version": self.version,
        })
    }

    fn services(&self, built: &str, other: &str) -> Map<String, Value> {
        let state = |entry: &crate::catalog::Entry| match entry.routes {
            Some(_) => built.into(),
            None => other.into(),
        };
        let entries = self.catalog.entries().iter();
        entries.map(|entry| (entry.service.name.to_string(), state(entry))).collect()
    }

    async fn reset(&self, headers: &HeaderMap, peer: Peer) -> Response {
        if is_from_web_page(headers) {
            return refused("A web page may not reset the cloud.");
        }
        if peer.reach == crate::Reach::Sandbox {
            return refused("A function may not reset the cloud.");
        }
        let Some(reset) = &self.reset else {
            return refused(
                "This cloud keeps its state. Only one that was started with `nuage up --ephemeral` can be reset.",
            );
        };
        let began = self.clock.monotonic();
        match reset().await {
            Ok(()) => {
                let took_ms = (self.clock.monotonic() - began).as_millis() as u64;
                tracing::info!(took_ms, "everything was reset");
                json(StatusCode::OK, &serde_json::json!({ "status": "reset", "took_ms": took_ms }))
            }
            Err(error) => {
                tracing::error!(error, "the reset failed");
                message(StatusCode::INTERNAL_SERVER_ERROR, "The reset failed; the log says why.")
            }
        }
    }
}

fn refused(why: &str) -> Response {
    message(StatusCode::FORBIDDEN, why)
}

fn message(status: StatusCode, text: &str) -> Response {
    json(status, &serde_json::json!({ "message": text }))
}
