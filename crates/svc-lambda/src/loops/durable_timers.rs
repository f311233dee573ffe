//! Fires the timers of durable executions: sleeps until the first is due, however many there are.

use crate::durable::tables::DURABLE_TIMERS;
use crate::durable::timers::{self, Row};
use crate::failure::Failure;
use crate::{Lambda, Result, limits};
use base::Time;
use std::sync::Arc;
use std::time::Duration;
use store::{Prefix, Tx};

/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(1);
/// The longest sleep without looking.
const SLEEP_MAX: Duration = Duration::from_secs(3_600);

/// Fires what is due; then sleeps until there may be more.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    let (store, clock) = (&lambda.deps.store, &lambda.deps.clock);
    let seen = store.generation(&DURABLE_TIMERS);
    let now = clock.now();
    // One more than fire at once: the next that is not due.
    let most = limits::DURABLE_TIMERS_AT_ONCE + 1;
    let first = store.view(|view| view.scan_keys(&DURABLE_TIMERS, Prefix::all(), most)).await;
    let first: Vec<Row> = match first {
        Ok(first) => first,
        Err(error) => {
            let error: store::Error = error;
            tracing::error!(%error, "timers of durable executions could not be read");
            return clock.sleep(RETRY).await;
        }
    };
    let next = first.iter().map(|row| row.0).find(|due| *due > now);
    let due: Vec<Row> = first.into_iter().filter(|row| row.0 <= now).collect();
    if !due.is_empty() {
        if let Err(error) = fire(&lambda, due, now).await {
            tracing::error!(?error, "timers of durable executions could not be fired");
            clock.sleep(RETRY).await;
        }
        return;
    }
    tokio::select! {
        _ = store.changed(&DURABLE_TIMERS, seen) => {}
        () = clock.sleep_until(next.unwrap_or(now + SLEEP_MAX)) => {}
    }
}

/// Fires all in one transaction or, if one of them cannot be, each in its own: it must not hold up the others.
async fn fire(lambda: &Lambda, due: Vec<Row>, now: Time) -> Result<()> {
    let Err(error) = fire_together(lambda, due.clone(), now).await else { return Ok(()) };
    if due.len() == 1 {
        return Err(error);
    }
    let mut result = Ok(());
    for row in due {
        if let Err(error) = fire_together(lambda, vec![row], now).await {
            result = Err(error);
        }
    }
    result
}

async fn fire_together(lambda: &Lambda, rows: Vec<Row>, now: Time) -> Result<()> {
    let fire = move |tx: &mut Tx<'_>| {
        let fired = rows.iter().map(|row| timers::fire(tx, row, now));
        fired.collect::<std::result::Result<Vec<_>, Failure>>()
    };
    let ended = lambda.deps.store.transact(fire).await?;
    ended.into_iter().flatten().for_each(|id| lambda.durable_waiting.tell(id));
    Ok(())
}
