//! `DetachGroupPolicy`: detach a managed policy from a group.

use crate::Iam;
use crate::ops::holders;
use crate::tables::GroupRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn detach_group_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DetachGroupPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        holders::detach::<GroupRecord>(tx, account, &input.group_name, &input.policy_arn)
    })
    .await?;
    Ok(wire::Unit)
}
