//! `GetKeyRotationStatus`: whether a key is rotated by itself, and when next.

use crate::Kms;
use crate::errors;
use crate::model::metadata::time;
use crate::model::spec::Spec;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_key_rotation_status(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GetKeyRotationStatusRequest,
) -> Result<wire_kms::GetKeyRotationStatusResponse, wire::Error> {
    let key = kms.find_by_id(&cx, &input.key_id)?;
    if key.record.spec != Spec::Symmetric {
        return Err(errors::unsupported_operation().into());
    }
    // A key that waits for its deletion is not rotated; AWS says so by `false`.
    let rotation = key.record.rotation.filter(|_| key.check_not_pending_deletion().is_ok());
    Ok(wire_kms::GetKeyRotationStatusResponse {
        key_rotation_enabled: Some(rotation.is_some()),
        key_id: Some(key.id.clone()),
        rotation_period_in_days: rotation.map(|rotation| rotation.period_days as i32),
        next_rotation_date: rotation.map(|rotation| time(rotation.next_ms)),
        on_demand_rotation_start_date: None,
    })
}
