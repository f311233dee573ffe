//! `CancelKeyDeletion`: keep a key that waits for its deletion; it is disabled then.

use crate::Kms;
use crate::errors;
use crate::keys::Key;
use crate::ops::creation::{self, events};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn cancel_key_deletion(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::CancelKeyDeletionRequest,
) -> Result<wire_kms::CancelKeyDeletionResponse, wire::Error> {
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    let arn = kms
        .write(move |tx| {
            let mut key = Key::load(tx, &key_ref)?;
            if key.check_not_pending_deletion().is_ok() {
                return Err(errors::not_pending_deletion(&key.arn()));
            }
            if let Some(at_ms) = key.record.deletion_ms.take() {
                creation::clear_timer(tx, &key, at_ms, events::DELETION)?;
            }
            key.record.replica_deletion_days = None;
            key.record.enabled = false;
            creation::put(tx, &key)?;
            Ok(key.arn())
        })
        .await?;
    Ok(wire_kms::CancelKeyDeletionResponse { key_id: Some(arn) })
}
