//! `TagInstanceProfile`: add or replace tags of an instance profile.

use crate::Iam;
use crate::model::tags;
use crate::tables::{InstanceProfileRecord, Named};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn tag_instance_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::TagInstanceProfileRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = InstanceProfileRecord::load(tx, account, &input.instance_profile_name)?;
        tags::put(&mut row.tags, &input.tags)?;
        row.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
