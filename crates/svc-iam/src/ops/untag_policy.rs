//! `UntagPolicy`: remove tags of a policy.

use crate::Iam;
use crate::model::tags;
use crate::ops::policies;
use crate::tables::Named;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn untag_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UntagPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = policies::load_changeable(tx, &cx, "iam:UntagPolicy", &input.policy_arn)?;
        tags::remove(&mut row.tags, &input.tag_keys);
        row.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
