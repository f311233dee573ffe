//! `GetGroupPolicy`: an inline policy of a group, its document encoded as for URLs.

use crate::Iam;
use crate::ops::holders;
use crate::tables::GroupRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_group_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetGroupPolicyRequest,
) -> Result<wire_iam::GetGroupPolicyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let (name, policy) = (&input.group_name, input.policy_name);
        let (holder, document) = holders::get_inline::<GroupRecord>(view, account, name, &policy)?;
        Ok(wire_iam::GetGroupPolicyResponse {
            group_name: holder.name,
            policy_name: policy,
            policy_document: document,
        })
    })
    .await
}
