//! `UpdateRoleDescription`: change what a role is said to be for.

use crate::Iam;
use crate::model::shapes;
use crate::tables::{Named, RoleRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_role_description(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateRoleDescriptionRequest,
) -> Result<wire_iam::UpdateRoleDescriptionResponse, wire::Error> {
    let account = cx.account;
    let role = iam
        .write(move |tx| {
            let mut role = RoleRecord::load(tx, account, &input.role_name)?;
            role.description = Some(input.description.clone());
            role.save(tx, account)?;
            Ok(role)
        })
        .await?;
    Ok(wire_iam::UpdateRoleDescriptionResponse { role: Some(shapes::listed_role(account, &role)) })
}
