//! Runs functions for durable executions: their own, and those that they invoke.
//!
//! Work is rows in the order in which they are due. A row stays until its work is done, so after a crash it is done
//! again; what was checkpointed is not.

use crate::Lambda;
use crate::durable::dead_letter::{self, DEAD_LETTER};
use crate::durable::execution::OWN;
use crate::durable::tables::DURABLE_WORK;
use crate::durable::timers::Row;
use crate::durable::{chained, invocation};
use crate::limits::DURABLE_CONCURRENCY_MAX;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use store::Prefix;
use tokio::sync::Notify;

/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(1);
/// The longest sleep without looking.
const SLEEP_MAX: Duration = Duration::from_secs(3_600);

/// Knows which work is being done.
pub(crate) struct Worker {
    lambda: Arc<Lambda>,
    running: Mutex<HashSet<Row>>,
    /// Told when some is done.
    ended: Notify,
}

impl Worker {
    pub(crate) fn new(lambda: Arc<Lambda>) -> Self {
        Worker { lambda, running: Mutex::default(), ended: Notify::new() }
    }

    /// Begins all work that is due, as far as there is room; then sleeps until there may be more.
    pub(crate) async fn activate(self: Arc<Self>) {
        let (store, clock) = (&self.lambda.deps.store, &self.lambda.deps.clock);
        let seen = store.generation(&DURABLE_WORK);
        let now = clock.now();
        let running = self.running.lock().clone();
        // Rows that run are among the first; behind them stand as many as may begin, and the next that is not due.
        let most = DURABLE_CONCURRENCY_MAX + 1;
        let first = store.view(|view| view.scan_keys(&DURABLE_WORK, Prefix::all(), most)).await;
        let first: Vec<Row> = match first {
            Ok(first) => first,
            Err(error) => {
                let error: store::Error = error;
                tracing::error!(%error, "work for durable executions could not be read");
                return clock.sleep(RETRY).await;
            }
        };
        let mut next_due = None;
        let mut room = DURABLE_CONCURRENCY_MAX.saturating_sub(running.len());
        for row in first.into_iter().filter(|row| !running.contains(row)) {
            if row.0 > now {
                next_due = Some(row.0);
                break;
            }
            if room == 0 {
                break;
            }
            room -= 1;
            self.begin(row);
        }
        tokio::select! {
            _ = store.changed(&DURABLE_WORK, seen) => {}
            () = self.ended.notified() => {}
            () = clock.sleep_until(next_due.unwrap_or(now + SLEEP_MAX)) => {}
        }
    }

    fn begin(self: &Arc<Self>, row: Row) {
        self.running.lock().insert(row.clone());
        let guard = Running { worker: self.clone(), row: row.clone() };
        self.lambda.deps.tasks.spawn("lambda.durable_work", async move {
            let lambda = &guard.worker.lambda;
            let done = match row.2.as_str() {
                OWN => invocation::run(lambda, row.clone()).await,
                DEAD_LETTER => dead_letter::run(lambda, row.clone()).await,
                _ => chained::run(lambda, row.clone()).await,
            };
            if let Err(error) = done {
                tracing::error!(?error, execution = %row.1, "work for a durable execution failed");
                lambda.deps.clock.sleep(RETRY).await;
            }
            drop(guard);
        });
    }
}

/// Work that is being done; ends when dropped, also by a panic.
struct Running {
    worker: Arc<Worker>,
    row: Row,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.running.lock().remove(&self.row);
        self.worker.ended.notify_one();
    }
}
