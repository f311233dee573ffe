//! `DeletePolicyVersion`: remove a version that is not the default.

use crate::Iam;
use crate::errors;
use crate::ops::policies;
use crate::tables::Named;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_policy_version(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeletePolicyVersionRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut policy =
            policies::load_changeable(tx, &cx, "iam:DeletePolicyVersion", &input.policy_arn)?;
        let (number, _) = policies::version(&policy, &input.policy_arn, &input.version_id)?;
        if number == policy.default_version {
            return Err(errors::policy_version_is_default());
        }
        policy.versions.remove(&number);
        policy.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
