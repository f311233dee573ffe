//! `PutGroupPolicy`: add or replace an inline policy of a group.

use crate::Iam;
use crate::ops::holders;
use crate::tables::GroupRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn put_group_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::PutGroupPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    holders::check_document(&input.policy_document)?;
    iam.write(move |tx| {
        let (name, policy) = (&input.group_name, &input.policy_name);
        holders::put_inline::<GroupRecord>(tx, account, name, policy, &input.policy_document)
    })
    .await?;
    Ok(wire::Unit)
}
