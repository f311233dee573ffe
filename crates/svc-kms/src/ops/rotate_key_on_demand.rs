//! `RotateKeyOnDemand`: give a key new material now: made here or, for imported keys, the one that was imported for it.

use crate::Kms;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::limits;
use crate::model::spec::Spec;
use crate::ops::{creation, rotation};
use seams::CallCx;
use std::sync::Arc;
use wire_kms::RotationType;

/// See the module.
pub async fn rotate_key_on_demand(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::RotateKeyOnDemandRequest,
) -> Result<wire_kms::RotateKeyOnDemandResponse, wire::Error> {
    let key = kms.find_by_id(&cx, &input.key_id)?;
    check(&key)?;
    let now_ms = kms.now_ms();
    let fresh = kms.generate(key.account, &key.id, key.record.spec, now_ms).await?;
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    let key_id = kms
        .write(move |tx| {
            let mut key = Key::load(tx, &key_ref)?;
            check(&key)?;
            key.record.on_demand_rotations += 1;
            if key.record.external {
                let pending = key.record.current + 1;
                let material = key.record.materials.get_mut(pending);
                let material = material.filter(|material| material.sealed.is_some());
                let material = material.ok_or_else(errors::unsupported_operation)?;
                material.rotation = Some(RotationType::OnDemand.to_string());
                material.since_ms = now_ms;
                key.record.current = pending;
            } else {
                let mut material = fresh.clone();
                material.rotation = Some(RotationType::OnDemand.to_string());
                rotation::rotate(tx, &mut key, &material)?;
            }
            creation::put(tx, &key)?;
            Ok(key.id)
        })
        .await?;
    Ok(wire_kms::RotateKeyOnDemandResponse { key_id: Some(key_id) })
}

fn check(key: &Key) -> Result<(), Error> {
    if key.record.spec != Spec::Symmetric {
        return Err(errors::unsupported_operation());
    }
    key.check_usable()?;
    if key.regions.is_some() && !key.is_primary() {
        return Err(errors::not_primary(&key.arn()));
    }
    if key.record.on_demand_rotations >= limits::ON_DEMAND_ROTATIONS_MAX {
        return Err(errors::on_demand_rotation_limit(&key.arn()));
    }
    Ok(())
}
