//! What the audit trail is told of a request, once its identity was proven.

use crate::Front;
use crate::dispatch::Known;
use rt::{Notes, Site};
use seams::{AuditedCall, CallCx, Principal};
use serde_json::{Value, json};
use std::sync::Arc;
use wire::{Common, Error, Response, Service};

/// A call that is to be recorded when it has ended.
pub(crate) struct Noted {
    cx: Arc<CallCx>,
    event_source: String,
    /// None for calls on data, of which denials alone are recorded.
    pub(crate) notes: Option<Notes>,
}

impl Front {
    /// Before the call: what is to be written down of it. Costs a call on data no more than a comparison of names.
    pub(crate) fn note(&self, service: &Service, operation: &str, cx: &Arc<CallCx>) -> Noted {
        let event_source = format!("{}.amazonaws.com", service.endpoint_prefix);
        let is_data = self.audit.is_data(&event_source, operation);
        Noted { cx: cx.clone(), event_source, notes: (!is_data).then(Notes::default) }
    }

    /// After the call.
    pub(crate) fn record(&self, known: &mut Known, error: Option<&Error>) {
        let (Some(noted), Some(service), Some(protocol)) =
            (known.noted.take(), known.service, known.protocol)
        else {
            return;
        };
        // Anybody may knock at a bucket, without a signature and as often as it likes: no trail is filled with that.
        if service.dialect.s3 && noted.cx.caller.principal == Principal::Anonymous {
            return;
        }
        let is_denied = error.is_some_and(|error| is_denial(error, service, protocol));
        if noted.notes.is_none() && !is_denied {
            return;
        }
        // A denial further inside, such as that of a key, may have made the call fail in other words.
        let explanation = error.and_then(|_| self.authorizer.explanation(noted.cx.request_id));
        let told = |error: &Error| {
            // The cause of an internal error is for the log.
            let message = if error.internal_cause().is_some() { "" } else { error.message() };
            (error.code(service, protocol).to_string(), message.to_string())
        };
        let notes = noted.notes.unwrap_or_default();
        self.audit.record(
            &noted.cx,
            AuditedCall {
                event_source: noted.event_source,
                event_name: known.operation,
                api_version: service.version,
                parameters: notes.parameters.into_inner(),
                answer: notes.answer.into_inner(),
                error: error.map(told),
                explanation,
                through: None,
            },
        );
    }

    /// After a request to a host of a service's own: calls on data, of which denials alone are recorded. `cx` is that of
    /// somebody whose identity was proven.
    pub(crate) fn record_visit(&self, site: &dyn Site, cx: &CallCx, response: &Response) {
        if response.status != 403 || cx.caller.principal == Principal::Anonymous {
            return;
        }
        // What a function answers with this status is nobody's denial.
        let Some(explanation) = self.authorizer.explanation(cx.request_id) else { return };
        let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
        let denied = parsed(explanation.as_bytes())["resource"].clone();
        let body = response.body.full().map(|body| parsed(body)).unwrap_or_default();
        let message = body["Message"].as_str().unwrap_or_default().to_string();
        let service = site.service();
        let call = AuditedCall {
            event_source: format!("{}.amazonaws.com", service.endpoint_prefix),
            event_name: site.operation(),
            api_version: service.version,
            parameters: Some(json!({ "functionName": denied }).to_string()),
            error: Some(("AccessDenied".to_string(), message)),
            explanation: Some(explanation),
            ..AuditedCall::default()
        };
        self.audit.record(cx, call);
    }
}

fn is_denial(error: &Error, service: &Service, protocol: wire::Protocol) -> bool {
    matches!(error.as_common(), Some(Common::AccessDenied))
        || error.code(service, protocol).starts_with("AccessDenied")
}
