//! `UpdateUser`: give a user another name or path. Its unique id, keys, policies and groups stay.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, holders};
use crate::tables::{ACCESS_KEYS, GROUP_MEMBERS, MemberRecord, Named, USERS, UserRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_user(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateUserRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut user = UserRecord::load(tx, account, &input.user_name)?;
        let old = key(account, &user.name);
        let name = input.new_user_name.clone().unwrap_or_else(|| user.name.clone());
        let new = key(account, &name);
        if new != old && tx.contains(&USERS, &new)? {
            return Err(errors::name_taken("user", &name));
        }
        if new != old {
            credentials::rename(tx, account, &user.name, &name)?;
        }
        holders::delete_uses(tx, account, &user)?;
        tx.delete(&USERS, &old)?;
        user.name = name;
        if let Some(path) = &input.new_path {
            user.path = path.clone();
        }
        for group in &user.groups {
            tx.delete(&GROUP_MEMBERS, &(account, group.clone(), old.1.clone()))?;
            let member = (account, group.clone(), new.1.clone());
            tx.put(&GROUP_MEMBERS, &member, &MemberRecord {})?;
        }
        for id in &user.access_keys {
            if let Some(mut access_key) = tx.get(&ACCESS_KEYS, id)? {
                access_key.user = new.1.clone();
                tx.put(&ACCESS_KEYS, id, &access_key)?;
            }
        }
        holders::put_uses(tx, account, &user)?;
        user.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
