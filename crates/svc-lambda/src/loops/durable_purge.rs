//! Removes durable executions whose retention is over, one after the other: nobody waits for it.

use crate::durable::purge;
use crate::durable::tables::DURABLE_PURGES;
use crate::{Lambda, limits};
use base::{RequestId, Time};
use std::sync::Arc;
use std::time::Duration;
use store::Prefix;

/// After a failure.
const RETRY: Duration = Duration::from_secs(60);
/// The longest sleep without looking.
const SLEEP_MAX: Duration = Duration::from_secs(3_600);

/// Removes what is due; then sleeps until there may be more.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    let (store, clock) = (&lambda.deps.store, &lambda.deps.clock);
    let seen = store.generation(&DURABLE_PURGES);
    let now = clock.now();
    let most = limits::DURABLE_TIMERS_AT_ONCE;
    let first = store.view(|view| view.scan_keys(&DURABLE_PURGES, Prefix::all(), most)).await;
    let first: Vec<(Time, RequestId)> = match first {
        Ok(first) => first,
        Err(error) => {
            let error: store::Error = error;
            tracing::error!(%error, "ended durable executions could not be read");
            return clock.sleep(RETRY).await;
        }
    };
    let mut failed = false;
    for row in first.iter().take_while(|row| row.0 <= now) {
        if let Err(error) = purge::purge(&lambda, *row).await {
            tracing::error!(?error, execution = %row.1, "a durable execution could not be removed");
            failed = true;
        }
    }
    if failed {
        return clock.sleep(RETRY).await;
    }
    // What was removed has changed the table: then this does not sleep.
    let next = first.iter().map(|row| row.0).find(|due| *due > now);
    tokio::select! {
        _ = store.changed(&DURABLE_PURGES, seen) => {}
        () = clock.sleep_until(next.unwrap_or(now + SLEEP_MAX)) => {}
    }
}
