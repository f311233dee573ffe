//! `DeleteUser`: remove a user that has neither credentials, policies nor groups.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, holders};
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
    iam.write(move |tx| {
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
        Ok(tx.delete(&USERS, &key(account, &user.name))?)
    })
    .await?;
    Ok(wire::Unit)
}
