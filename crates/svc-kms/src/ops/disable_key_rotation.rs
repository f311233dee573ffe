//! `DisableKeyRotation`: no longer rotate a key by itself.

use crate::Kms;
use crate::keys::Key;
use crate::ops::{creation, rotation};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn disable_key_rotation(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::DisableKeyRotationRequest,
) -> Result<wire::Unit, wire::Error> {
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    kms.write(move |tx| {
        let mut key = Key::load(tx, &key_ref)?;
        rotation::check_automatic(&key)?;
        rotation::schedule(tx, &mut key, None)?;
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}
