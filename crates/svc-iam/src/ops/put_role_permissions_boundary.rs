//! `PutRolePermissionsBoundary`: limit a role by a managed policy.

use crate::Iam;
use crate::ops::holders;
use crate::tables::RoleRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn put_role_permissions_boundary(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::PutRolePermissionsBoundaryRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let boundary = Some(&*input.permissions_boundary);
        holders::set_boundary::<RoleRecord>(tx, account, &input.role_name, boundary)
    })
    .await?;
    Ok(wire::Unit)
}
