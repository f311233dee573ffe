//! `UpdateAssumeRolePolicy`: replace a role's trust policy.

use crate::Iam;
use crate::ops::roles;
use crate::tables::{Holder, Named, RoleRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_assume_role_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateAssumeRolePolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut role = RoleRecord::load(tx, account, &input.role_name)?;
        role.check_changeable()?;
        role.trusted_ids = roles::check_trust(tx, &input.policy_document)?;
        role.trust.clone_from(&input.policy_document);
        role.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
