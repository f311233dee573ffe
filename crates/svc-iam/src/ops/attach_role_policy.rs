//! `AttachRolePolicy`: attach a managed policy to a role.

use crate::Iam;
use crate::ops::holders;
use crate::tables::RoleRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn attach_role_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::AttachRolePolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        holders::attach::<RoleRecord>(tx, account, &input.role_name, &input.policy_arn)
    })
    .await?;
    Ok(wire::Unit)
}
