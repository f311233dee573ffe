//! Hosts that belong to a service alone: found, their requests read and their signatures checked; the rest is the
//! service's.

use crate::body::BodyError;
use crate::dispatch::{body_error, context, json};
use crate::hosts;
use crate::identity::{Denial, Identity, Sent, undo_chunks};
use crate::sigv4::{Claim, Head, Refusal};
use crate::upload::Check;
use crate::{Front, Peer};
use base::{AccountId, Region, RequestId};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode, Version, header};
use hyper::body::Incoming;
use rt::{Site, Visit};
use seams::Caller;
use std::sync::Arc;
use wire::{Body, Error, Protocol, Request, Response};

impl Front {
    /// The site that a request's host belongs to, and the host's labels.
    pub(crate) fn site(&self, headers: &HeaderMap) -> Option<(&Arc<dyn Site>, Vec<String>)> {
        if self.sites.is_empty() {
            return None;
        }
        let host = headers.get(header::HOST)?.to_str().ok()?;
        let labels = hosts::labels(host, &self.host_names)?;
        let site = self.sites.iter().find(|site| site.owns(&labels))?;
        Some((site, labels))
    }

    pub(crate) async fn visit(
        &self,
        site: &Arc<dyn Site>,
        labels: Vec<String>,
        parts: Parts,
        incoming: Incoming,
        peer: Peer,
        id: RequestId,
    ) -> Response {
        let read = self.bodies.read(incoming, site.body_bytes_max()).await;
        let (body, _room) = match read {
            Ok(read) => read,
            Err(error) => return unread(error),
        };
        let now = self.clock.now();
        let mut request = Request {
            path: parts.uri.path().to_string(),
            query: parts.uri.query().unwrap_or_default().to_string(),
            method: parts.method,
            headers: parts.headers,
            body: Body::default(),
        };
        let proven = self.prove(&**site, &request, &body, peer).await;
        let (signed, identity) = match proven {
            Ok(Some(identity)) => (Ok(true), identity),
            Ok(None) => (Ok(false), nobody()),
            Err(error) => (Err(error), nobody()),
        };
        let cx = context(&identity, &request.headers, peer, id, now);
        request.body = match identity.decoded {
            Some(decoded) => {
                undo_chunks(&mut request.headers, decoded.trailers);
                decoded.body.into()
            }
            None => body.into(),
        };
        let http_version = match parts.version {
            Version::HTTP_2 => "HTTP/2.0",
            Version::HTTP_10 => "HTTP/1.0",
            _ => "HTTP/1.1",
        };
        let asked = cx.clone();
        let response = site.answer(Visit { labels, request, http_version, signed, cx }).await;
        self.record_visit(&**site, &asked, &response);
        response
    }

    /// Whom the request's signature proves; None if it has none.
    async fn prove(
        &self,
        site: &dyn Site,
        request: &Request,
        body: &Bytes,
        peer: Peer,
    ) -> Result<Option<Identity>, Error> {
        let head = Head {
            method: request.method.as_str(),
            path: &request.path,
            query: &request.query,
            headers: &request.headers,
        };
        let service = site.service();
        let denied = |denial: Denial| denial.into_error(service, Protocol::RestJson, false);
        let claim = Claim::parse(&head).map_err(|refusal| denied(refusal.into()))?;
        let Some(claim) = claim else { return Ok(None) };
        if claim.service() != service.signing_name {
            let name = service.signing_name;
            let text = format!("Credential should be scoped to correct service: '{name}'. ");
            return Err(denied(Refusal::OutOfScope(text).into()));
        }
        let now = self.clock.now();
        let identity =
            self.identify(&head, Some(&claim), Sent::Whole(body), false, peer, now).await;
        identity.map(Some).map_err(denied)
    }
}

fn nobody() -> Identity {
    Identity {
        caller: Arc::new(Caller::anonymous(AccountId::DEFAULT)),
        region: Region::default(),
        decoded: None,
        check: Check::Nothing,
    }
}

/// guess: the text; that of too large bodies is API Gateway's
fn unread(error: BodyError) -> Response {
    let too_large = matches!(error, BodyError::TooLarge(_));
    let (status, text) = match error {
        BodyError::TooLarge(_) => (413, "Request Entity Too Large".to_string()),
        BodyError::TimedOut => (408, body_error(error).message().to_string()),
        BodyError::Truncated => (400, body_error(error).message().to_string()),
    };
    let status = StatusCode::from_u16(status).expect("these are statuses");
    let mut response = json(status, &serde_json::json!({ "message": text }));
    if too_large {
        let kind = http::HeaderValue::from_static("RequestEntityTooLargeException");
        response.headers.insert("x-amzn-errortype", kind);
    }
    response
}
