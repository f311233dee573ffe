//! `ScheduleKeyDeletion`: delete a key after a waiting period of 7 to 30 days.

use crate::Kms;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::limits;
use crate::model::metadata::time;
use crate::ops::creation::{self, events};
use seams::CallCx;
use std::sync::Arc;
use store::Tx;

/// See the module.
pub async fn schedule_key_deletion(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ScheduleKeyDeletionRequest,
) -> Result<wire_kms::ScheduleKeyDeletionResponse, wire::Error> {
    let days = input.pending_window_in_days.unwrap_or(limits::DELETION_DAYS_DEFAULT);
    if !limits::DELETION_DAYS.contains(&days) {
        return Err(errors::deletion_window().into());
    }
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    let now_ms = kms.now_ms();
    let key = kms
        .write(move |tx| {
            let mut key = Key::load(tx, &key_ref)?;
            key.check_not_pending_deletion()?;
            let waits = key.is_primary()
                && key.regions.as_ref().is_some_and(|regions| !regions.replicas.is_empty());
            if waits {
                key.record.replica_deletion_days = Some(days.unsigned_abs());
            } else {
                start(tx, &mut key, now_ms, days.unsigned_abs())?;
            }
            creation::put(tx, &key)?;
            Ok(key)
        })
        .await?;
    Ok(wire_kms::ScheduleKeyDeletionResponse {
        key_id: Some(key.arn()),
        deletion_date: key.record.deletion_ms.map(time),
        key_state: Some(key.state()),
        pending_window_in_days: Some(days),
    })
}

/// Begins the waiting period; the caller writes the row.
pub fn start(tx: &mut Tx<'_>, key: &mut Key, now_ms: u64, days: u32) -> Result<(), Error> {
    let at_ms = now_ms + u64::from(days) * limits::DAY_MS;
    key.record.replica_deletion_days = None;
    key.record.deletion_ms = Some(at_ms);
    creation::set_timer(tx, key, at_ms, events::DELETION)
}
