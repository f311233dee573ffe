//! `UpdateAccessKey`: switch a key off or on.

use crate::Iam;
use crate::ops::users;
use crate::tables::ACCESS_KEYS;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::StatusType;

/// See the module.
pub async fn update_access_key(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateAccessKeyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    iam.write(move |tx| {
        let (_, mut row) = users::load_access_key(tx, account, &name, &input.access_key_id)?;
        row.active = input.status == StatusType::Active;
        Ok(tx.put(&ACCESS_KEYS, &input.access_key_id, &row)?)
    })
    .await?;
    Ok(wire::Unit)
}
