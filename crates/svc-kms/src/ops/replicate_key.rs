//! `ReplicateKey`: a multi-Region key in one more region.

use crate::Kms;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::key_ref::key_arn;
use crate::model::{default_policy, key_policy, tags};
use crate::ops::creation;
use crate::tables::MULTI_REGION;
use base::Region;
use seams::CallCx;
use std::sync::Arc;
use store::Tx;
use wire_kms::KeyState;

/// See the module.
pub async fn replicate_key(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ReplicateKeyRequest,
) -> Result<wire_kms::ReplicateKeyResponse, wire::Error> {
    let region = Region::parse(&input.replica_region);
    let region = region.ok_or_else(|| errors::invalid_region(&input.replica_region))?;
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    let tags = tags::parse(input.tags.as_deref().unwrap_or_default())?;
    let arn = key_arn(cx.account, &region, &kms.find_by_id(&cx, &input.key_id)?.id);
    let policy = match input.policy {
        Some(policy) => {
            let bypass = input.bypass_policy_lockout_safety_check.unwrap_or(false);
            key_policy::check(&policy, &arn, cx.account, &cx.caller, bypass)?;
            policy
        }
        None => default_policy::of_customer(cx.account),
    };
    let description = input.description.unwrap_or_default();
    let now_ms = kms.now_ms();
    let key = kms
        .write(move |tx| {
            let primary = Key::load(tx, &key_ref)?;
            primary.check_not_pending_deletion()?;
            let mut regions = primary.regions.clone().filter(|_| primary.is_primary());
            let Some(regions) = &mut regions else {
                return Err(errors::not_primary(&primary.arn()));
            };
            primary.check_usable()?;
            let is_new = region != primary.region && regions.replicas.insert(region.to_string());
            if !is_new {
                return Err(errors::replica_exists(&arn));
            }
            let mut record = primary.record.clone();
            (record.created_ms, record.policy) = (now_ms, policy.clone());
            (record.description, record.tags) = (description.clone(), tags.clone());
            record.aliases.clear();
            record.rotation = None;
            if record.external {
                // Imported material is imported once more in every region.
                record.materials.iter_mut().for_each(|material| {
                    (material.sealed, material.valid_to_ms) = (None, None);
                });
            }
            let (account, id) = (primary.account, primary.id.clone());
            let region = region.clone();
            let regions = Some(regions.clone());
            let key = Key { account, region, id, request_alias: None, record, regions };
            put_regions(tx, &key)?;
            creation::put(tx, &key)?;
            Ok(key)
        })
        .await?;
    let mut metadata = key.metadata();
    // Recorded: AWS answers before the replica is there.
    (metadata.key_state, metadata.enabled) = (Some(KeyState::Creating), Some(false));
    metadata.current_key_material_id = None;
    let tags = tags::wire(&key.record.tags);
    Ok(wire_kms::ReplicateKeyResponse {
        replica_key_metadata: Some(metadata),
        replica_policy: Some(key.record.policy),
        replica_tags: (!tags.is_empty()).then_some(tags),
    })
}

/// Writes where a key is.
pub fn put_regions(tx: &mut Tx<'_>, key: &Key) -> Result<(), Error> {
    match &key.regions {
        Some(regions) => Ok(tx.put(&MULTI_REGION, &(key.account, key.id.clone()), regions)?),
        None => Ok(()),
    }
}
