//! `EnableKey`: switch a key on.

use crate::Kms;
use crate::keys::Key;
use crate::ops::creation;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn enable_key(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::EnableKeyRequest,
) -> Result<wire::Unit, wire::Error> {
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    kms.write(move |tx| {
        let mut key = Key::load(tx, &key_ref)?;
        key.check_not_pending_deletion()?;
        key.record.enabled = true;
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}
