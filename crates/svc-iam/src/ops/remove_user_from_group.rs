//! `RemoveUserFromGroup`: end a membership.

use crate::Iam;
use crate::errors;
use crate::tables::{GROUP_MEMBERS, GroupRecord, Named, UserRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn remove_user_from_group(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::RemoveUserFromGroupRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let group = GroupRecord::load(tx, account, &input.group_name)?;
        let mut user = UserRecord::load(tx, account, &input.user_name)?;
        let (_, group_key) = key(account, &group.name);
        if !user.groups.contains(&group_key) {
            return Err(errors::not_in_group(&user.name, &group.name));
        }
        user.groups.retain(|known| *known != group_key);
        let (_, user_key) = key(account, &user.name);
        tx.delete(&GROUP_MEMBERS, &(account, group_key, user_key))?;
        user.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
