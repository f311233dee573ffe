//! What the cloud tells those who prove who they are, beside AWS's APIs: signed `GET /_nuage/…`.

use crate::dispatch::{context, json};
use crate::identity::{Denial, Sent};
use crate::sigv4::{Claim, Head};
use crate::{Front, Peer};
use base::{BoxFut, RequestId};
use bytes::Bytes;
use http::StatusCode;
use seams::{AccessRequest, CallCx};
use serde_json::Value;
use std::sync::Arc;
use wire::{Common, Error, Protocol, Request, Response, Service};

/// A signed `GET` that is no operation of AWS's.
pub struct Report {
    /// Begins with `/_nuage/`.
    pub path: &'static str,
    /// What the caller must be allowed on `*`.
    pub action: &'static str,
    /// The service in whose words errors are told.
    pub words: &'static Service,
    /// The answer to the query string; an error is the caller's and says what is wrong.
    pub get: ReportFn,
}

/// See [`Report::get`].
pub type ReportFn =
    Arc<dyn Fn(Arc<CallCx>, String) -> BoxFut<'static, Result<Value, String>> + Send + Sync>;

impl Front {
    /// Answers a request for a report; its body does not count.
    pub(crate) async fn report(
        &self,
        report: &Report,
        request: &Request,
        peer: Peer,
        id: RequestId,
    ) -> Response {
        let told = self.tell(report, request, peer, id).await;
        match told {
            Ok(value) => json(StatusCode::OK, &value),
            Err(error) => report.words.error(Protocol::RestJson, &error, &id.to_string()),
        }
    }

    async fn tell(
        &self,
        report: &Report,
        request: &Request,
        peer: Peer,
        id: RequestId,
    ) -> Result<Value, Error> {
        let head = Head {
            method: request.method.as_str(),
            path: &request.path,
            query: &request.query,
            headers: &request.headers,
        };
        let now = self.clock.now();
        let identity = match Claim::parse(&head) {
            Ok(claim) => {
                let (claim, nothing) = (claim.as_ref(), Bytes::new());
                self.identify(&head, claim, Sent::Whole(&nothing), false, peer, now).await
            }
            Err(refusal) => Err(Denial::from(refusal)),
        };
        let identity = identity
            .map_err(|denial| denial.into_error(report.words, Protocol::RestJson, false))?;
        let cx = context(&identity, &request.headers, peer, id, now);
        let asked = AccessRequest::new(report.action, "*");
        let allowed = self.authorizer.authorize(&cx, &asked).await;
        allowed.map_err(|error| match error.is_internal() {
            true => Error::internal(error),
            false => Error::common(Common::AccessDenied, error.message),
        })?;
        let told = (report.get)(Arc::new(cx), request.query.clone()).await;
        told.map_err(Error::validation)
    }
}
