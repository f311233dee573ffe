//! Removes the rows of groups and streams that were deleted.
//!
//! [`DELETIONS`] says what is left to do, so that a restart goes on where it was. Every transaction removes a bounded
//! number of rows; the entry itself goes with the last of them.

use crate::tables::{
    CHUNKS, CHUNKS_BY_TIME, DELETIONS, GroupId, LARGE_MESSAGES, STORED_BYTES, STREAM_NAMES,
    STREAMS, StreamId,
};
use crate::{Logs, limits};
use rt::Tasks;
use std::sync::Arc;
use std::time::Duration;
use store::{Key, Prefix, Table, Tx};

/// Runs whenever something was deleted.
pub(crate) fn start(logs: &Arc<Logs>, tasks: &Tasks) {
    let logs = logs.clone();
    let mut seen = None;
    tasks.spawn_loop("logs.deletion", Duration::from_secs(10), move || {
        let logs = logs.clone();
        let before = seen.replace(logs.store.generation(&DELETIONS));
        async move {
            if let Some(seen) = before {
                logs.store.changed(&DELETIONS, seen).await;
            }
            if let Err(error) = remove_all(&logs).await {
                tracing::error!(%error, "removing deleted log events failed");
                logs.clock.sleep(Duration::from_secs(10)).await;
            }
        }
    });
}

/// Removes everything that is to be removed.
pub async fn remove_all(logs: &Logs) -> Result<(), store::Error> {
    loop {
        let next = logs.store.view(|view| view.scan_keys(&DELETIONS, Prefix::all(), 1)).await?;
        let Some((group, stream)) = next.first().copied() else { return Ok(()) };
        let remove = move |tx: &mut Tx<'_>| {
            let done = if stream == 0 {
                remove_group(tx, group)
            } else {
                remove_stream(tx, group, stream)
            }?;
            if done {
                tx.delete(&DELETIONS, &(group, stream))?;
            }
            Ok::<bool, store::Error>(done)
        };
        while !logs.store.transact(remove).await? {}
    }
}

/// Removes some rows of a group; true if there are no more.
fn remove_group(tx: &mut Tx<'_>, group: GroupId) -> Result<bool, store::Error> {
    tx.delete(&STORED_BYTES, &group)?;
    Ok(remove(tx, &CHUNKS, Prefix::of((group,)))?
        && remove(tx, &CHUNKS_BY_TIME, Prefix::of((group,)))?
        && remove(tx, &LARGE_MESSAGES, Prefix::of((group,)))?
        && remove(tx, &STREAM_NAMES, Prefix::of((group,)))?
        && remove(tx, &STREAMS, Prefix::of((group,)))?
        && remove(tx, &DELETIONS, Prefix::of((group,)))?)
}

/// Removes some rows of a stream and takes them off what its group holds; true if there are no more.
fn remove_stream(tx: &mut Tx<'_>, group: GroupId, stream: StreamId) -> Result<bool, store::Error> {
    let chunks = Prefix::of((group, stream));
    let chunks = tx.scan_keys(&CHUNKS, chunks, limits::REMOVAL_ROWS_MAX)?;
    let mut bytes = 0;
    for key in &chunks {
        let (_, _, first_ms, sequence) = *key;
        let by_time = (group, first_ms, stream, sequence);
        bytes += tx.get(&CHUNKS_BY_TIME, &by_time)?.map_or(0, |span| span.bytes);
        tx.delete(&CHUNKS_BY_TIME, &by_time)?;
        tx.delete(&CHUNKS, key)?;
    }
    // The group may have been deleted meanwhile.
    if bytes > 0
        && let Some(mut stored) = tx.get(&STORED_BYTES, &group)?
    {
        stored.bytes = stored.bytes.saturating_sub(bytes);
        tx.put(&STORED_BYTES, &group, &stored)?;
    }
    Ok(chunks.len() < limits::REMOVAL_ROWS_MAX
        && remove(tx, &LARGE_MESSAGES, Prefix::of((group, stream)))?)
}

/// Removes some rows of `range`; true if there are no more.
fn remove<K, R>(
    tx: &mut Tx<'_>,
    table: &'static Table<K, R>,
    range: store::ScanRange<K>,
) -> Result<bool, store::Error>
where
    K: Key,
    R: serde::Serialize + serde::de::DeserializeOwned,
{
    let keys = tx.scan_keys(table, range, limits::REMOVAL_ROWS_MAX)?;
    for key in &keys {
        tx.delete(table, key)?;
    }
    Ok(keys.len() < limits::REMOVAL_ROWS_MAX)
}
