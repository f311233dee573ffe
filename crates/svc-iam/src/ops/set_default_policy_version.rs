//! `SetDefaultPolicyVersion`: decide by another version of a managed policy from now on.

use crate::Iam;
use crate::ops::policies;
use crate::tables::Named;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn set_default_policy_version(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::SetDefaultPolicyVersionRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let now_ms = iam.now().unix_ms();
    iam.write(move |tx| {
        let mut policy =
            policies::load_changeable(tx, &cx, "iam:SetDefaultPolicyVersion", &input.policy_arn)?;
        let (number, _) = policies::version(&policy, &input.policy_arn, &input.version_id)?;
        policy.default_version = number;
        policy.updated_ms = now_ms;
        policy.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
