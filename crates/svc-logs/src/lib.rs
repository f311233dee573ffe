//! Amazon CloudWatch Logs: log groups, log streams and their events.
//!
//! Owns the tables in [`tables`]. A batch of events is one row, so that writing it is cheap; readers merge rows whose
//! times overlap ([`model::page`]). Events are ordered by [`model::event_id::EventId`].
//!
//! - Loops: [`loops::retention_sweep`] removes what is older than a group keeps, [`loops::deletion`] what was deleted;
//!   [`loops::subscription_delivery`] delivers events to subscribed functions.
//! - Seams: offers [`::seams::LogSink`]; asks [`::seams::Authorizer`], [`::seams::Keys`], [`::seams::FunctionInvoker`].
//! - Limits: [`limits`].
//!
//! # Invariants
//! - Nothing is kept outside the store but the live tails that run ([`followers`]) and opened data keys
//!   ([`encryption`]).
//! - Events of a group with a key are in rows as ciphertext only.
//! - What a subscription filter has to deliver is written with the events and removed when its function has them.
//! - What is deleted or expired is not shown from that moment on, whenever its rows are removed.
//! - Every row, page, search and live tail has a bound.
//!
//! # Known gaps
//! - Metric filters are stored and can be tried with TestMetricFilter, but feed no metric.
//! - Live tails that run while a key is taken away go on to their end; an opened data key is used for five minutes.
//! - Resource policies of single log groups are not built; those of the account are one document to the evaluator, of the
//!   newer version of the language.
//! - Subscription filters deliver to functions of the same account only: not to Kinesis, Firehose or another account.
//! - Insights queries, export tasks, deliveries, destinations, data protection, transformers, field indexes, anomaly detection, integrations and log groups of other accounts are not built.

#![forbid(unsafe_code)]

pub mod encryption;
pub mod errors;
pub mod event_reader;
pub mod followers;
pub mod limits;
pub mod loops;
pub mod model;
pub mod ops;
mod routes;
mod seams;
pub mod tables;

#[cfg(test)]
mod testing;

use ::seams::{Authorizer, CallCx, FunctionInvoker, Keys};
use base::{BoxFut, Clock, Entropy};
use followers::Followers;
use loops::subscription_delivery::Held;
use model::log_group::Scope;
use rt::{Routes, Tasks};
use std::sync::Arc;
use store::Store;
use tables::{GROUPS, GroupRecord, STREAMS, StreamRecord};
use wire::{Error, Internal};

/// What the service is made of.
pub struct Deps {
    /// Where rows are.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for ids.
    pub entropy: Arc<dyn Entropy>,
    /// Decides about events that other services write.
    pub authorizer: Arc<dyn Authorizer>,
    /// Makes and opens the data keys of groups.
    pub keys: Arc<dyn Keys>,
    /// Runs the functions that are subscribed to groups.
    pub functions: Arc<dyn FunctionInvoker>,
}

/// The service.
pub struct Logs {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    authorizer: Arc<dyn Authorizer>,
    keys: Arc<dyn Keys>,
    functions: Arc<dyn FunctionInvoker>,
    held: Held,
    data_keys: encryption::DataKeys,
    followers: Arc<Followers>,
}

impl Logs {
    /// A service over its rows.
    pub fn new(deps: Deps) -> Arc<Self> {
        let Deps { store, clock, entropy, authorizer, keys, functions } = deps;
        Arc::new(Logs {
            store,
            clock,
            entropy,
            authorizer,
            keys,
            functions,
            held: Held::default(),
            data_keys: encryption::DataKeys::default(),
            followers: Arc::default(),
        })
    }

    fn now_ms(&self) -> u64 {
        self.clock.now().unix_ms()
    }

    /// A random id, never zero.
    fn new_id(&self) -> u64 {
        self.entropy.next_u64().max(1)
    }

    /// The log group called `name`.
    fn group(&self, scope: &Scope, name: &str) -> Result<GroupRecord, Error> {
        let key = (scope.account, scope.region.clone(), name.to_string());
        let group = self.store.get(&GROUPS, &key).internal("reading a log group")?;
        group.ok_or_else(errors::log_group_not_found)
    }

    /// The stream called `name` of `group`.
    fn stream(&self, group: &GroupRecord, name: &str) -> Result<StreamRecord, Error> {
        let stream = self.store.get(&STREAMS, &(group.id, name.to_string()));
        stream.internal("reading a log stream")?.ok_or_else(errors::log_stream_not_found)
    }
}

impl rt::Service for Logs {
    fn routes(self: Arc<Self>) -> Routes {
        routes::routes(&self)
    }

    fn start(self: Arc<Self>, tasks: &Tasks) {
        loops::retention_sweep::start(&self, tasks);
        loops::deletion::start(&self, tasks);
        loops::subscription_delivery::start(&self, tasks);
    }

    fn reset(&self) -> BoxFut<'_, ()> {
        self.followers.end_all();
        self.data_keys.clear();
        self.held.clear();
        Box::pin(async {})
    }

    fn stop(&self) -> BoxFut<'_, ()> {
        self.followers.end_all();
        Box::pin(async {})
    }
}

/// The account and region of a call.
fn scope(cx: &CallCx) -> Scope {
    Scope { account: cx.account, region: cx.region.clone() }
}
