//! `GetRole`: a role.

use crate::Iam;
use crate::model::shapes;
use crate::tables::{Named, RoleRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_role(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetRoleRequest,
) -> Result<wire_iam::GetRoleResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let role = RoleRecord::load(view, account, &input.role_name)?;
        let shape = shapes::role(account, &role);
        let role_last_used = Some(iam.role_last_used(&role));
        Ok(wire_iam::GetRoleResponse { role: wire_iam::Role { role_last_used, ..shape } })
    })
    .await
}
