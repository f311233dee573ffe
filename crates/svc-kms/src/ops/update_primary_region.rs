//! `UpdatePrimaryRegion`: make a replica the primary key.

use crate::Kms;
use crate::errors;
use crate::keys::Key;
use crate::model::key_ref::KeyRef;
use crate::ops::{creation, replicate_key, rotation};
use base::Region;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_primary_region(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::UpdatePrimaryRegionRequest,
) -> Result<wire::Unit, wire::Error> {
    let region = Region::parse(&input.primary_region);
    let region = region.ok_or_else(|| errors::invalid_region(&input.primary_region))?;
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    kms.write(move |tx| {
        let mut key = Key::load(tx, &key_ref)?;
        key.check_not_pending_deletion()?;
        let is_primary = key.is_primary();
        let regions = key.regions.take().filter(|_| is_primary);
        let mut regions = regions.ok_or_else(|| errors::not_primary(&key.arn()))?;
        if !regions.replicas.remove(region.as_str()) {
            return Err(errors::no_replica(region.as_str()));
        }
        regions.replicas.insert(std::mem::replace(&mut regions.primary, region.to_string()));
        // The primary key is the one that is rotated.
        let replica_ref = KeyRef { region: region.clone(), ..key_ref.clone() };
        let mut replica = Key::load(tx, &replica_ref)?;
        let rotation = key.record.rotation;
        rotation::schedule(tx, &mut key, None)?;
        rotation::schedule(tx, &mut replica, rotation)?;
        replica.record.on_demand_rotations = key.record.on_demand_rotations;
        key.regions = Some(regions);
        replicate_key::put_regions(tx, &key)?;
        creation::put(tx, &replica)?;
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}
