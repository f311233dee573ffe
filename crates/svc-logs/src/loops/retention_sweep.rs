//! Removes events that are older than their group keeps.
//!
//! Callers do not see expired events in any case, so this only frees space and need not hurry.

use crate::model::batch::kept_since;
use crate::tables::{
    CHUNKS, CHUNKS_BY_TIME, GROUPS, GroupId, GroupRecord, LARGE_MESSAGES, STORED_BYTES,
};
use crate::{Logs, limits};
use base::{AccountId, Region};
use rt::Tasks;
use std::sync::Arc;
use std::time::Duration;
use store::{Prefix, Tx};

/// Runs every [`limits::RETENTION_SWEEP_PERIOD`].
pub(crate) fn start(logs: &Arc<Logs>, tasks: &Tasks) {
    let logs = logs.clone();
    tasks.spawn_loop("logs.retention_sweep", Duration::from_secs(60), move || {
        let logs = logs.clone();
        async move {
            logs.clock.sleep(limits::RETENTION_SWEEP_PERIOD).await;
            if let Err(error) = sweep(&logs).await {
                tracing::error!(%error, "removing expired log events failed");
            }
        }
    });
}

/// Looks at every group once.
pub async fn sweep(logs: &Logs) -> Result<(), store::Error> {
    let mut last: Option<(AccountId, Region, String)> = None;
    loop {
        let mut range = Prefix::all();
        if let Some(last) = &last {
            range = range.after(last);
        }
        let view =
            logs.store.view(|view| view.scan(&GROUPS, range, limits::DESCRIBE_VIEW_ROWS_MAX));
        let groups: Vec<(_, GroupRecord)> = view.await?;
        let more = groups.len() == limits::DESCRIBE_VIEW_ROWS_MAX;
        last = groups.last().map(|(key, _)| key.clone());
        for (_, group) in groups {
            if group.retention_days.is_some() {
                let kept_since_ms = kept_since(logs.now_ms(), group.retention_days);
                let remove = move |tx: &mut Tx<'_>| remove_expired(tx, group.id, kept_since_ms);
                while !logs.store.transact(remove).await? {}
            }
        }
        if !more {
            return Ok(());
        }
    }
}

/// Removes some chunks that end before `kept_since_ms`; true if there are no more.
fn remove_expired(
    tx: &mut Tx<'_>,
    group: GroupId,
    kept_since_ms: u64,
) -> Result<bool, store::Error> {
    let expired = Prefix::of((group,)).below((group, kept_since_ms));
    let spans = tx.scan(&CHUNKS_BY_TIME, expired, limits::REMOVAL_ROWS_MAX)?;
    let more = spans.len() == limits::REMOVAL_ROWS_MAX;
    let mut removed = 0;
    let mut bytes = 0;
    for (key, span) in spans {
        let (_, first_ms, stream, sequence) = key;
        // Only chunks of the last interval can reach over the edge.
        if span.last_ms >= kept_since_ms {
            continue;
        }
        for part in 0..span.parts {
            tx.delete(&LARGE_MESSAGES, &(group, stream, sequence, part))?;
        }
        tx.delete(&CHUNKS, &(group, stream, first_ms, sequence))?;
        tx.delete(&CHUNKS_BY_TIME, &key)?;
        removed += 1;
        bytes += span.bytes;
    }
    // The group may have been deleted meanwhile.
    if bytes > 0
        && let Some(mut stored) = tx.get(&STORED_BYTES, &group)?
    {
        stored.bytes = stored.bytes.saturating_sub(bytes);
        tx.put(&STORED_BYTES, &group, &stored)?;
    }
    // Chunks at the edge stay; if they are all that is left, this is the end.
    Ok(!more || removed == 0)
}
