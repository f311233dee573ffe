//! `DeleteUser`: remove a user that has neither credentials, policies nor groups.

use crate::Iam;
use crate::errors;
use crate::ops::{accesses, credentials, holders};
use crate::tables::{Named, USERS, UserRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_user(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteUserRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let id = iam
        .write(move |tx| {
            let user = UserRecord::load(tx, account, &input.user_name)?;
            holders::check_no_policies(&user)?;
            if !user.access_keys.is_empty() {
                return Err(errors::delete_first("delete access keys"));
            }
            if !user.groups.is_empty() {
                return Err(errors::delete_first("remove users from group"));
            }
            credentials::delete(tx, account, &user.name)?;
            holders::delete_uses(tx, account, &user)?;
            accesses::delete_rows(tx, &user.id)?;
            tx.delete(&USERS, &key(account, &user.name))?;
            Ok(user.id)
        })
        .await?;
    iam.accesses.forget(&id);
    Ok(wire::Unit)
}
