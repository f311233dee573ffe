//! `EnableKeyRotation`: rotate a key every so many days, a year if the caller does not say.

use crate::Kms;
use crate::keys::Key;
use crate::limits;
use crate::ops::{creation, rotation};
use crate::tables::RotationRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn enable_key_rotation(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::EnableKeyRotationRequest,
) -> Result<wire::Unit, wire::Error> {
    let days = input.rotation_period_in_days.unwrap_or(limits::ROTATION_DAYS_DEFAULT);
    let period_days = days.unsigned_abs();
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    let next_ms = kms.now_ms() + u64::from(period_days) * limits::DAY_MS;
    kms.write(move |tx| {
        let mut key = Key::load(tx, &key_ref)?;
        rotation::check_automatic(&key)?;
        rotation::schedule(tx, &mut key, Some(RotationRecord { period_days, next_ms }))?;
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}
