//! `DeleteGroup`: remove a group that has neither members nor policies.

use crate::Iam;
use crate::errors;
use crate::ops::{holders, users};
use crate::tables::{GROUPS, GroupRecord, Named, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_group(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteGroupRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let group = GroupRecord::load(tx, account, &input.group_name)?;
        if !users::members(tx, account, &group)?.is_empty() {
            return Err(errors::delete_first("remove users from group"));
        }
        holders::check_no_policies(&group)?;
        Ok(tx.delete(&GROUPS, &key(account, &group.name))?)
    })
    .await?;
    Ok(wire::Unit)
}
