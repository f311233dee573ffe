//! `RetireGrant`: end a grant, as the one who was allowed to by it.

use crate::Kms;
use crate::access::Wish;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::grant;
use crate::model::key_ref::KeyRef;
use crate::ops::revoke_grant;
use crate::tables::{GRANTS, GrantRecord};
use rt::Access;
use seams::CallCx;
use std::sync::Arc;
use wire_kms::{GrantOperation, RetireGrantRequest};

/// See the module.
pub async fn retire_grant(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::RetireGrantRequest,
) -> Result<wire::Unit, wire::Error> {
    let (key_ref, grant_id) = named(&kms, &cx, &input)?;
    let key = kms.store.read(|view| Key::load(view, &key_ref))?;
    key.check_not_pending_deletion()?;
    revoke_grant::delete(&kms, &key, grant_id, input.dry_run).await?;
    Ok(wire::Unit)
}

/// The grant that the request names, by its token or by its key and id.
pub fn named(
    kms: &Kms,
    cx: &CallCx,
    input: &RetireGrantRequest,
) -> Result<(KeyRef, String), Error> {
    match (&input.grant_token, &input.key_id, &input.grant_id) {
        (Some(token), None, None) => {
            kms.open_grant_token(token).ok_or_else(errors::invalid_grant_token)
        }
        (None, Some(key_id), Some(grant_id)) => Ok((kms.id_ref(cx, key_id)?, grant_id.clone())),
        _ => Err(errors::retire_grant_arguments()),
    }
}

/// The grant itself says who may retire it; otherwise the key's policy and the caller's own decide.
pub fn access(kms: &Kms, cx: &CallCx, input: &RetireGrantRequest) -> Result<Access, wire::Error> {
    let (key_ref, grant_id) = named(kms, cx, input)?;
    let key = kms.store.read(|view| Key::load(view, &key_ref))?;
    let (account, region, key_id) = key.row();
    let row = kms.store.get(&GRANTS, &(account, region, key_id, grant_id));
    let retires = |row: &GrantRecord| {
        row.retiring.as_ref().is_some_and(|retiring| grant::names(retiring, &cx.caller))
            || (grant::is_grantee(row, &cx.caller)
                && grant::permits(row, GrantOperation::RetireGrant, None))
    };
    let mut request =
        kms.request(cx, &key, Wish { action: "kms:RetireGrant", ..Wish::default() })?;
    request.granted |= row.map_err(Error::from)?.is_some_and(|row| retires(&row));
    Ok(request.into())
}
