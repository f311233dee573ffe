//! `CreateGroup`: make a group without members and permissions.

use crate::Iam;
use crate::limits;
use crate::model::{id, shapes};
use crate::ops::holders;
use crate::tables::{Grants, GroupRecord, Named};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn create_group(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateGroupRequest,
) -> Result<wire_iam::CreateGroupResponse, wire::Error> {
    let account = cx.account;
    let group = GroupRecord {
        path: input.path.unwrap_or_else(|| "/".to_string()),
        id: id::unique(&*iam.entropy, id::GROUP),
        created_ms: iam.now().unix_ms(),
        grants: Grants::default(),
        name: input.group_name,
    };
    let shape = shapes::group(account, &group);
    iam.write(move |tx| {
        let quota = ("GroupsPerAccount", limits::GROUPS_PER_ACCOUNT);
        holders::check_new::<GroupRecord>(tx, account, &group.name, quota)?;
        group.save(tx, account)
    })
    .await?;
    Ok(wire_iam::CreateGroupResponse { group: shape })
}
