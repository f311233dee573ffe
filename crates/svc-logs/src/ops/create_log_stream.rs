//! `CreateLogStream`: make an empty stream in a log group.

use crate::errors::{self, Failure};
use crate::model::log_group::{Scope, name_fits};
use crate::tables::{GROUPS, STREAM_NAMES, STREAMS, StreamNameRecord, StreamRecord};
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::CreateLogStreamRequest;

/// Names are unique per group.
pub async fn create_log_stream(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: CreateLogStreamRequest,
) -> Result<Unit, Error> {
    create(&logs, scope(&cx), input.log_group_name, input.log_stream_name).await?;
    Ok(Unit)
}

/// Adds a stream called `name` to the group called `group_name`.
pub(crate) async fn create(
    logs: &Logs,
    scope: Scope,
    group_name: String,
    name: String,
) -> Result<(), Error> {
    if !name_fits(&name) {
        return Err(errors::name_too_long());
    }
    let stream = StreamRecord {
        id: logs.new_id(),
        created_ms: logs.now_ms(),
        first_event_ms: None,
        last_event_ms: None,
        last_ingestion_ms: None,
        next_sequence: 0,
    };
    let group_key = (scope.account, scope.region, group_name);
    let created = logs.store.transact(move |tx| {
        let group = tx.get(&GROUPS, &group_key)?.ok_or_else(errors::log_group_not_found)?;
        let key = (group.id, name.clone());
        if tx.contains(&STREAMS, &key)? {
            return Err(Failure::Fault(errors::log_stream_already_exists()));
        }
        tx.put(&STREAMS, &key, &stream)?;
        let name = StreamNameRecord { name: name.clone() };
        tx.put(&STREAM_NAMES, &(group.id, stream.id), &name)?;
        Ok(())
    });
    Ok(created.await?)
}
