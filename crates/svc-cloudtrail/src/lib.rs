//! CloudTrail: who called what, from where, and how it ended.
//!
//! - Tables: [`tables`]. Events by account, region and time; where an event is, by its request and by age.
//! - Loops: `cloudtrail.write` writes what was taken in, many events to a transaction, and removes what is too old.
//! - Offers: [`seams::Audit`], and [`CloudTrail::why`] for `nuage audit`.
//! - Quotas: [`limits`].
//!
//! # Invariants
//! - A call is never kept waiting by its record: events are taken in by a bounded queue and written behind the calls. What
//!   was taken in is written when the process stops in order; a killed one loses what it took in last.
//! - Events hold no secrets: what the models mark sensitive is hidden before it gets here.
//! - Calls on data are kept out of `LookupEvents`, as AWS does; those that are denied can be explained all the same.
//! - Requests whose signature proves nobody are not recorded, as AWS does not.
//! - Calls between services have ids of their own and are written down as they pass ([`between`]).
//!
//! # Known gaps
//! - Trails, event data stores, Insights and queries are not built and answer 501.
//! - Of calls between services those of KMS, the sessions of roles and denied invocations are recorded. Log groups and
//!   streams that Lambda makes for functions are not, nor that a denied function wrote no logs.
//! - Requests to URLs of functions that need no signature are not recorded when they are denied.

#![forbid(unsafe_code)]

pub mod between;
mod errors;
pub mod limits;
mod model;
mod ops;
mod routes;
mod seams;
mod tables;
mod writer;

use base::{AccountId, BoxFut, Clock, Entropy, Region, Time};
use serde_json::Value;
use std::sync::Arc;
use store::Store;
use tables::{EVENTS, REQUESTS};
use writer::Queue;

/// The names that events of operations called `operation` have: services may share it, and Lambda's have another.
pub fn event_names(operation: &str) -> Vec<String> {
    let mut names = vec![operation.to_string()];
    names.push(model::operations::event_name("lambda.amazonaws.com", operation));
    names.dedup();
    names
}

/// What the service is made from.
pub struct Deps {
    /// Where its rows are.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance: ids of events.
    pub entropy: Arc<dyn Entropy>,
}

/// The service.
pub struct CloudTrail {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    queue: Queue,
}

impl CloudTrail {
    /// Reads nothing yet.
    pub fn new(deps: Deps) -> Self {
        let Deps { store, clock, entropy } = deps;
        CloudTrail { store, clock, entropy, queue: Queue::default() }
    }

    /// The event of the request with this id and, if it was denied, the explanation; none if `account` made no such
    /// request, or too long ago.
    pub async fn why(
        &self,
        account: AccountId,
        request_id: &str,
    ) -> Result<Option<Value>, store::Error> {
        self.write_all().await?;
        let key = (account, request_id.to_string());
        let found = self.store.view(|view| {
            let Some(at) = view.get(&REQUESTS, &key)? else { return Ok(None) };
            let Some(region) = Region::parse(&at.region) else { return Ok(None) };
            let time = Time::from_unix_ns(at.time_ns);
            view.get(&EVENTS, &(account, region, time, at.event_id))
        });
        let Some(event) = found.await? else { return Ok(None) };
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let explanation = event.explanation.as_deref().map_or(Value::Null, parsed);
        Ok(Some(serde_json::json!({ "event": parsed(&event.event), "explanation": explanation })))
    }
}

impl rt::Service for CloudTrail {
    fn routes(self: Arc<Self>) -> rt::Routes {
        routes::routes(&self)
    }

    fn start(self: Arc<Self>, tasks: &rt::Tasks) {
        tasks.spawn_loop("cloudtrail.write", limits::WRITE_PAUSE, move || {
            let cloudtrail = self.clone();
            async move { cloudtrail.write_when_there_is_something().await }
        });
    }

    fn reset(&self) -> BoxFut<'_, ()> {
        self.queue.clear();
        Box::pin(async {})
    }

    fn stop(&self) -> BoxFut<'_, ()> {
        Box::pin(async move {
            if let Err(error) = self.write_all().await {
                tracing::error!(%error, "the last events of the audit trail could not be written");
            }
        })
    }
}
