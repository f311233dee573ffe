//! `AttachUserPolicy`: attach a managed policy to a user.

use crate::Iam;
use crate::ops::holders;
use crate::tables::UserRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn attach_user_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::AttachUserPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        holders::attach::<UserRecord>(tx, account, &input.user_name, &input.policy_arn)
    })
    .await?;
    Ok(wire::Unit)
}
