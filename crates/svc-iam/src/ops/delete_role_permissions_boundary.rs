//! `DeleteRolePermissionsBoundary`: lift the limit of a role.

use crate::Iam;
use crate::ops::holders;
use crate::tables::RoleRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_role_permissions_boundary(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteRolePermissionsBoundaryRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| holders::set_boundary::<RoleRecord>(tx, account, &input.role_name, None))
        .await?;
    Ok(wire::Unit)
}
