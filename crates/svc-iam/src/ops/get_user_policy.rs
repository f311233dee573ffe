//! `GetUserPolicy`: an inline policy of a user, its document encoded as for URLs.

use crate::Iam;
use crate::ops::holders;
use crate::tables::UserRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_user_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetUserPolicyRequest,
) -> Result<wire_iam::GetUserPolicyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let (name, policy) = (&input.user_name, input.policy_name);
        let (holder, document) = holders::get_inline::<UserRecord>(view, account, name, &policy)?;
        Ok(wire_iam::GetUserPolicyResponse {
            user_name: holder.name,
            policy_name: policy,
            policy_document: document,
        })
    })
    .await
}
