//! Callers that wait for the end of an execution.

use crate::durable::tables::{DURABLE_EXECUTIONS, ExecutionRecord};
use crate::failure::Failure;
use crate::{Lambda, Result, errors};
use base::RequestId;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Notify;
use wire_lambda as w;

/// Who waits for which execution.
#[derive(Default)]
pub struct Waiting(Mutex<HashMap<RequestId, Awaited>>);

/// An execution that somebody waits for.
#[derive(Default)]
struct Awaited {
    notify: Arc<Notify>,
    /// The end of the log of its last invocation.
    log_tail: String,
}

impl Waiting {
    /// Tells those who wait for the execution to look again. Called after the transaction that may have ended it.
    pub fn tell(&self, id: RequestId) {
        if let Some(awaited) = self.0.lock().get(&id) {
            awaited.notify.notify_waiters();
        }
    }

    /// As [`Waiting::tell`], to all.
    pub fn tell_all(&self) {
        self.0.lock().values().for_each(|awaited| awaited.notify.notify_waiters());
    }

    /// Keeps the end of the log of an invocation, if somebody waits for the execution.
    pub fn log(&self, id: RequestId, log_tail: &str) {
        if let Some(awaited) = self.0.lock().get_mut(&id) {
            awaited.log_tail = log_tail.to_string();
        }
    }

    fn log_tail(&self, id: RequestId) -> String {
        self.0.lock().get(&id).map(|awaited| awaited.log_tail.clone()).unwrap_or_default()
    }

    fn join(&self, id: RequestId) -> Arc<Notify> {
        self.0.lock().entry(id).or_default().notify.clone()
    }

    fn leave(&self, id: RequestId) {
        let mut waiting = self.0.lock();
        // The map's own and the one of the caller that leaves.
        if waiting.get(&id).is_some_and(|awaited| Arc::strong_count(&awaited.notify) <= 2) {
            waiting.remove(&id);
        }
    }
}

/// A caller that waits; leaves when dropped.
struct Place<'w> {
    waiting: &'w Waiting,
    id: RequestId,
    notify: Arc<Notify>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.leave(self.id);
    }
}

/// The execution as it is.
pub fn now(lambda: &Lambda, id: RequestId) -> Result<Option<ExecutionRecord>> {
    Ok(lambda.deps.store.get(&DURABLE_EXECUTIONS, &id).map_err(Failure::from)?)
}

/// The execution once it has ended, which it does by its timeout at the latest, and the end of its log, which is empty
/// if it had ended before.
pub async fn ended(lambda: &Lambda, id: RequestId) -> Result<(ExecutionRecord, String)> {
    let waiting = &lambda.durable_waiting;
    let place = Place { waiting, id, notify: waiting.join(id) };
    loop {
        // Before the row is read: what ends it afterwards is heard.
        let told = place.notify.notified();
        let record =
            now(lambda, id)?.ok_or_else(|| errors::internal("a durable execution is gone"))?;
        if record.status != w::ExecutionStatus::Running {
            return Ok((record, waiting.log_tail(id)));
        }
        told.await;
    }
}
