//! `UntagInstanceProfile`: remove tags of an instance profile.

use crate::Iam;
use crate::model::tags;
use crate::tables::{InstanceProfileRecord, Named};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn untag_instance_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UntagInstanceProfileRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = InstanceProfileRecord::load(tx, account, &input.instance_profile_name)?;
        tags::remove(&mut row.tags, &input.tag_keys);
        row.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
