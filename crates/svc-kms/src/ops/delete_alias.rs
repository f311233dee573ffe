//! `DeleteAlias`: take a name off a key.

use crate::Kms;
use crate::errors;
use crate::keys::Key;
use crate::model::key_ref::{KeyName, KeyRef, alias_arn};
use crate::ops::{create_alias, creation};
use crate::tables::ALIASES;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_alias(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::DeleteAliasRequest,
) -> Result<wire::Unit, wire::Error> {
    create_alias::check_name(&input.alias_name)?;
    let name = input.alias_name;
    let row_key = (cx.account, cx.region.clone(), name.clone());
    kms.write(move |tx| {
        let row = tx.get(&ALIASES, &row_key)?;
        let arn = || alias_arn(row_key.0, &row_key.1, &name);
        let row = row.ok_or_else(|| errors::no_such_alias(&arn()))?;
        tx.delete(&ALIASES, &row_key)?;
        let key_name = KeyName::Id(row.key_id);
        let key_ref = KeyRef { account: row_key.0, region: row_key.1.clone(), name: key_name };
        let mut key = Key::load(tx, &key_ref)?;
        key.record.aliases.remove(&name);
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}
