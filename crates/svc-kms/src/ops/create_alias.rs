//! `CreateAlias`: another name for a key.

use crate::Kms;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::limits;
use crate::model::key_ref::alias_arn;
use crate::ops::creation;
use crate::tables::{ALIASES, AliasRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn create_alias(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::CreateAliasRequest,
) -> Result<wire::Unit, wire::Error> {
    check_name(&input.alias_name)?;
    let name = input.alias_name;
    let row_key = (cx.account, cx.region.clone(), name.clone());
    let key_ref = kms.id_ref(&cx, &input.target_key_id)?;
    let now_ms = kms.now_ms();
    kms.write(move |tx| {
        if tx.contains(&ALIASES, &row_key)? {
            return Err(errors::alias_exists(&alias_arn(row_key.0, &row_key.1, &name)));
        }
        let mut key = Key::load(tx, &key_ref)?;
        key.check_not_pending_deletion()?;
        if key.record.aliases.len() >= limits::ALIASES_PER_KEY_MAX {
            return Err(errors::too_many("aliases per key", limits::ALIASES_PER_KEY_MAX));
        }
        key.record.aliases.insert(name.clone());
        let row = AliasRecord { key_id: key.id.clone(), created_ms: now_ms, updated_ms: now_ms };
        tx.put(&ALIASES, &row_key, &row)?;
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}

/// An alias of customers begins with `alias/` and not with `alias/aws/`.
pub fn check_name(name: &str) -> Result<(), Error> {
    match name.strip_prefix("alias/") {
        None | Some("") => Err(errors::alias_prefix()),
        Some(rest) if rest.starts_with("aws/") => Err(errors::reserved_alias()),
        Some(_) => Ok(()),
    }
}
