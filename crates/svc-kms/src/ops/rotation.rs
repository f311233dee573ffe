//! What the operations and the loop that rotate keys share.

use crate::errors::{self, Error};
use crate::keys::Key;
use crate::limits;
use crate::model::spec::Spec;
use crate::ops::creation::{self, events};
use crate::tables::{MULTI_REGION, MaterialRecord, RotationRecord};
use base::Region;
use store::Tx;

/// Automatic rotation is for symmetric keys whose material is made here.
pub fn check_automatic(key: &Key) -> Result<(), Error> {
    key.check_not_pending_deletion()?;
    if key.record.spec != Spec::Symmetric || key.record.external {
        return Err(errors::unsupported_operation());
    }
    if !key.record.enabled {
        return Err(errors::disabled(&key.arn()));
    }
    Ok(())
}

/// Sets when the next automatic rotation is; the caller writes the row.
pub fn schedule(
    tx: &mut Tx<'_>,
    key: &mut Key,
    rotation: Option<RotationRecord>,
) -> Result<(), Error> {
    if let Some(before) = key.record.rotation.take() {
        creation::clear_timer(tx, key, before.next_ms, events::ROTATION)?;
    }
    if let Some(rotation) = rotation {
        creation::set_timer(tx, key, rotation.next_ms, events::ROTATION)?;
        key.record.rotation = Some(rotation);
    }
    Ok(())
}

/// Makes `material` the one that encrypts, in every region of the key; the caller writes the row of `key` itself.
pub fn rotate(tx: &mut Tx<'_>, key: &mut Key, material: &MaterialRecord) -> Result<(), Error> {
    if key.record.materials.len() >= limits::MATERIALS_MAX {
        return Err(errors::too_many("key materials", limits::MATERIALS_MAX));
    }
    key.record.materials.push(material.clone());
    key.record.current = key.record.materials.len() - 1;
    let regions = tx.get(&MULTI_REGION, &(key.account, key.id.clone()))?;
    for name in regions.iter().flat_map(|regions| &regions.replicas) {
        let Some(region) = Region::parse(name).filter(|region| *region != key.region) else {
            continue;
        };
        let row = (key.account, region, key.id.clone());
        if let Some(mut replica) = tx.get(&crate::tables::KEYS, &row)? {
            replica.materials.push(material.clone());
            replica.current = replica.materials.len() - 1;
            tx.put(&crate::tables::KEYS, &row, &replica)?;
        }
    }
    Ok(())
}
