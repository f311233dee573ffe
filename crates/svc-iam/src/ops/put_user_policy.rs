//! `PutUserPolicy`: add or replace an inline policy of a user.

use crate::Iam;
use crate::ops::holders;
use crate::tables::UserRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn put_user_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::PutUserPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    holders::check_document(&input.policy_document)?;
    iam.write(move |tx| {
        let (name, policy) = (&input.user_name, &input.policy_name);
        holders::put_inline::<UserRecord>(tx, account, name, policy, &input.policy_document)
    })
    .await?;
    Ok(wire::Unit)
}
