//! `DeleteGroupPolicy`: remove an inline policy of a group.

use crate::Iam;
use crate::ops::holders;
use crate::tables::GroupRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_group_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteGroupPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        holders::delete_inline::<GroupRecord>(tx, account, &input.group_name, &input.policy_name)
    })
    .await?;
    Ok(wire::Unit)
}
