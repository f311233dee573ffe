//! `CreateKey`: a new key.

use crate::Kms;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::key_ref::key_arn;
use crate::model::spec::{Spec, Usage};
use crate::model::{default_policy, key_policy, tags};
use crate::ops::creation;
use crate::tables::{MULTI_REGION, MultiRegionRecord};
use seams::CallCx;
use std::sync::Arc;
use wire_kms::{CreateKeyRequest, KeySpec, OriginType};

/// See the module.
pub async fn create_key(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::CreateKeyRequest,
) -> Result<wire_kms::CreateKeyResponse, wire::Error> {
    let spec = spec(&input)?;
    let usage = usage(&input, spec)?;
    let external = match input.origin {
        None | Some(OriginType::AwsKms) => false,
        Some(OriginType::External) => true,
        Some(other) => return Err(errors::not_built(&format!("origin {other}")).into()),
    };
    if input.custom_key_store_id.is_some() || input.xks_key_id.is_some() {
        return Err(errors::not_built("a custom key store").into());
    }
    let multi_region = input.multi_region.unwrap_or(false);
    let (account, region) = (cx.account, cx.region.clone());
    let id = creation::new_key_id(&*kms.entropy, multi_region);
    let bypass = input.bypass_policy_lockout_safety_check.unwrap_or(false);
    let policy = match input.policy {
        Some(policy) => {
            let arn = key_arn(account, &region, &id);
            key_policy::check(&policy, &arn, account, &cx.caller, bypass)?;
            policy
        }
        None => default_policy::of_customer(account),
    };
    let now_ms = kms.now_ms();
    let mut record = creation::record(spec, usage, policy, now_ms);
    record.description = input.description.unwrap_or_default();
    record.tags = tags::parse(input.tags.as_deref().unwrap_or_default())?;
    (record.external, record.multi_region) = (external, multi_region);
    if !external {
        record.materials.push(kms.generate(account, &id, spec, now_ms).await?);
    }
    let regions = multi_region
        .then(|| MultiRegionRecord { primary: region.to_string(), replicas: Default::default() });
    let key = Key { account, region, id, request_alias: None, record, regions };
    let metadata = key.metadata();
    kms.write(move |tx| {
        if let Some(regions) = &key.regions {
            tx.put(&MULTI_REGION, &(key.account, key.id.clone()), regions)?;
        }
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire_kms::CreateKeyResponse { key_metadata: Some(metadata) })
}

/// What kind of key the request asks for; `CustomerMasterKeySpec` is the old name.
pub fn spec(input: &CreateKeyRequest) -> Result<Spec, Error> {
    let old = input.customer_master_key_spec.and_then(|spec| KeySpec::parse(spec.as_str()));
    let spec = match (input.key_spec, old) {
        (Some(_), Some(_)) => return Err(errors::two_specs()),
        (spec, old) => spec.or(old).unwrap_or(KeySpec::SymmetricDefault),
    };
    Spec::from_wire(spec).ok_or_else(|| errors::not_built(&format!("key spec {spec}")))
}

/// What the key is to be used for.
pub fn usage(input: &CreateKeyRequest, spec: Spec) -> Result<Usage, Error> {
    let usage = match (input.key_usage, spec) {
        (Some(usage), _) => Usage::from_wire(usage),
        (None, Spec::Symmetric) => Usage::EncryptDecrypt,
        (None, _) => return Err(errors::usage_not_specified()),
    };
    if !spec.allows(usage) {
        let (usage, spec) = (usage.wire(), spec.wire());
        return Err(errors::usage_not_compatible(usage.as_str(), spec.as_str()));
    }
    Ok(usage)
}
