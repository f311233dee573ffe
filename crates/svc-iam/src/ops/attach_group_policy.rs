//! `AttachGroupPolicy`: attach a managed policy to a group.

use crate::Iam;
use crate::ops::holders;
use crate::tables::GroupRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn attach_group_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::AttachGroupPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        holders::attach::<GroupRecord>(tx, account, &input.group_name, &input.policy_arn)
    })
    .await?;
    Ok(wire::Unit)
}
