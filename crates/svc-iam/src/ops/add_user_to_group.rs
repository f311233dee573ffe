//! `AddUserToGroup`: make a user a member of a group; again changes nothing.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::tables::{GROUP_MEMBERS, GroupRecord, MemberRecord, Named, UserRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn add_user_to_group(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::AddUserToGroupRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let group = GroupRecord::load(tx, account, &input.group_name)?;
        let mut user = UserRecord::load(tx, account, &input.user_name)?;
        let (_, group) = key(account, &group.name);
        if user.groups.contains(&group) {
            return Ok(());
        }
        if user.groups.len() >= limits::GROUPS_PER_USER {
            return Err(errors::quota("GroupsPerUser", limits::GROUPS_PER_USER));
        }
        user.groups.push(group.clone());
        let (_, user_key) = key(account, &user.name);
        tx.put(&GROUP_MEMBERS, &(account, group, user_key), &MemberRecord {})?;
        user.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
