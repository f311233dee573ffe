//! `UpdateAlias`: point an alias at another key.

use crate::Kms;
use crate::errors;
use crate::keys::Key;
use crate::limits;
use crate::model::key_ref::{KeyName, KeyRef, alias_arn};
use crate::ops::{create_alias, creation};
use crate::tables::ALIASES;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_alias(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::UpdateAliasRequest,
) -> Result<wire::Unit, wire::Error> {
    create_alias::check_name(&input.alias_name)?;
    let name = input.alias_name;
    let row_key = (cx.account, cx.region.clone(), name.clone());
    let key_ref = kms.id_ref(&cx, &input.target_key_id)?;
    let now_ms = kms.now_ms();
    kms.write(move |tx| {
        let row = tx.get(&ALIASES, &row_key)?;
        let arn = || alias_arn(row_key.0, &row_key.1, &name);
        let mut row = row.ok_or_else(|| errors::no_such_alias(&arn()))?;
        let mut key = Key::load(tx, &key_ref)?;
        key.check_not_pending_deletion()?;
        if key.id == row.key_id {
            return Ok(());
        }
        if key.record.aliases.len() >= limits::ALIASES_PER_KEY_MAX {
            return Err(errors::too_many("aliases per key", limits::ALIASES_PER_KEY_MAX));
        }
        let mut old = Key::load(tx, &KeyRef { name: KeyName::Id(row.key_id), ..key_ref.clone() })?;
        let kind = |key: &Key| (key.record.usage, key.record.spec.is_asymmetric());
        if kind(&old) != kind(&key) {
            return Err(errors::alias_of_other_kind());
        }
        old.record.aliases.remove(&name);
        key.record.aliases.insert(name.clone());
        (row.key_id, row.updated_ms) = (key.id.clone(), now_ms);
        tx.put(&ALIASES, &row_key, &row)?;
        creation::put(tx, &old)?;
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}
