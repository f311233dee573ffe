//! `UntagRole`: remove tags of a role.

use crate::Iam;
use crate::model::tags;
use crate::tables::{Named, RoleRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn untag_role(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UntagRoleRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = RoleRecord::load(tx, account, &input.role_name)?;
        tags::remove(&mut row.tags, &input.tag_keys);
        row.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
