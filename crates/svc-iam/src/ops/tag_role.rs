//! `TagRole`: add or replace tags of a role.

use crate::Iam;
use crate::model::tags;
use crate::tables::{Named, RoleRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn tag_role(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::TagRoleRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = RoleRecord::load(tx, account, &input.role_name)?;
        tags::put(&mut row.tags, &input.tags)?;
        row.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
