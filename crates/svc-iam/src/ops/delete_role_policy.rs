//! `DeleteRolePolicy`: remove an inline policy of a role.

use crate::Iam;
use crate::ops::holders;
use crate::tables::RoleRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_role_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteRolePolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        holders::delete_inline::<RoleRecord>(tx, account, &input.role_name, &input.policy_name)
    })
    .await?;
    Ok(wire::Unit)
}
