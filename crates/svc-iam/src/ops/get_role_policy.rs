//! `GetRolePolicy`: an inline policy of a role, its document encoded as for URLs.

use crate::Iam;
use crate::ops::holders;
use crate::tables::RoleRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_role_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetRolePolicyRequest,
) -> Result<wire_iam::GetRolePolicyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let (name, policy) = (&input.role_name, input.policy_name);
        let (holder, document) = holders::get_inline::<RoleRecord>(view, account, name, &policy)?;
        Ok(wire_iam::GetRolePolicyResponse {
            role_name: holder.name,
            policy_name: policy,
            policy_document: document,
        })
    })
    .await
}
