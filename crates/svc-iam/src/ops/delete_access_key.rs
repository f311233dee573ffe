//! `DeleteAccessKey`: remove a key; requests signed with it fail from now on.

use crate::Iam;
use crate::ops::users;
use crate::tables::{ACCESS_KEYS, LAST_USES, Named};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_access_key(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteAccessKeyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    let id = input.access_key_id.clone();
    iam.write(move |tx| {
        let (mut user, _) = users::load_access_key(tx, account, &name, &input.access_key_id)?;
        user.access_keys.retain(|id| *id != input.access_key_id);
        tx.delete(&ACCESS_KEYS, &input.access_key_id)?;
        tx.delete(&LAST_USES, &input.access_key_id)?;
        user.save(tx, account)
    })
    .await?;
    iam.last_uses.forget(&id);
    Ok(wire::Unit)
}
