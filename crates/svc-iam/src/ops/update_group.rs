//! `UpdateGroup`: give a group another name or path. Its unique id, members and policies stay.

use crate::Iam;
use crate::errors;
use crate::ops::{holders, users};
use crate::tables::{GROUP_MEMBERS, GROUPS, GroupRecord, MemberRecord, Named, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_group(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateGroupRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut group = GroupRecord::load(tx, account, &input.group_name)?;
        let members = users::members(tx, account, &group)?;
        let old = key(account, &group.name);
        let name = input.new_group_name.clone().unwrap_or_else(|| group.name.clone());
        let new = key(account, &name);
        if new != old && tx.contains(&GROUPS, &new)? {
            return Err(errors::name_taken("group", &name));
        }
        holders::delete_uses(tx, account, &group)?;
        tx.delete(&GROUPS, &old)?;
        group.name = name;
        if let Some(path) = &input.new_path {
            group.path = path.clone();
        }
        for mut user in members {
            let user_key = user.name.to_ascii_lowercase();
            tx.delete(&GROUP_MEMBERS, &(account, old.1.clone(), user_key.clone()))?;
            tx.put(&GROUP_MEMBERS, &(account, new.1.clone(), user_key), &MemberRecord {})?;
            user.groups.iter_mut().filter(|g| **g == old.1).for_each(|g| g.clone_from(&new.1));
            user.save(tx, account)?;
        }
        holders::put_uses(tx, account, &group)?;
        group.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
