//! `DeleteUserPolicy`: remove an inline policy of a user.

use crate::Iam;
use crate::ops::holders;
use crate::tables::UserRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_user_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteUserPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        holders::delete_inline::<UserRecord>(tx, account, &input.user_name, &input.policy_name)
    })
    .await?;
    Ok(wire::Unit)
}
