//! `PutRolePolicy`: add or replace an inline policy of a role.

use crate::Iam;
use crate::ops::holders;
use crate::tables::RoleRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn put_role_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::PutRolePolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    holders::check_document(&input.policy_document)?;
    iam.write(move |tx| {
        let (name, policy) = (&input.role_name, &input.policy_name);
        holders::put_inline::<RoleRecord>(tx, account, name, policy, &input.policy_document)
    })
    .await?;
    Ok(wire::Unit)
}
