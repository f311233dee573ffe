//! `DeleteLogStream`: remove a stream with its events.

use crate::errors::{self, Failure};
use crate::tables::{DELETIONS, DeletionRecord, GROUPS, STREAM_NAMES, STREAMS};
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::DeleteLogStreamRequest;

/// The stream is gone with this transaction; its events are left to the loop [`crate::loops::deletion`].
pub async fn delete_log_stream(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DeleteLogStreamRequest,
) -> Result<Unit, Error> {
    let (scope, deleted_ms) = (scope(&cx), logs.now_ms());
    let group_key = (scope.account, scope.region, input.log_group_name);
    let deleted = logs.store.transact(move |tx| {
        let group = tx.get(&GROUPS, &group_key)?.ok_or_else(errors::log_group_not_found)?;
        let key = (group.id, input.log_stream_name.clone());
        let stream = tx.get(&STREAMS, &key)?.ok_or_else(errors::log_stream_not_found)?;
        tx.delete(&STREAMS, &key)?;
        tx.delete(&STREAM_NAMES, &(group.id, stream.id))?;
        tx.put(&DELETIONS, &(group.id, stream.id), &DeletionRecord { deleted_ms })?;
        Ok::<(), Failure>(())
    });
    deleted.await?;
    Ok(Unit)
}
