//! `RevokeGrant`: end a grant, as the owner of the key.

use crate::Kms;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::ops::cryptography;
use crate::tables::GRANTS;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn revoke_grant(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::RevokeGrantRequest,
) -> Result<wire::Unit, wire::Error> {
    let key = kms.find_by_id(&cx, &input.key_id)?;
    key.check_not_pending_deletion()?;
    delete(&kms, &key, input.grant_id, input.dry_run).await?;
    Ok(wire::Unit)
}

/// Removes a grant.
pub async fn delete(
    kms: &Kms,
    key: &Key,
    grant_id: String,
    dry_run: Option<bool>,
) -> Result<(), Error> {
    let (account, region, key_id) = key.row();
    let row_key = (account, region, key_id, grant_id);
    kms.write(move |tx| {
        if !tx.contains(&GRANTS, &row_key)? {
            return Err(errors::no_such_grant(&row_key.3));
        }
        cryptography::check_dry_run(dry_run)?;
        Ok(tx.delete(&GRANTS, &row_key)?)
    })
    .await
}
