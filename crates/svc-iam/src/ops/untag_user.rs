//! `UntagUser`: remove tags of a user.

use crate::Iam;
use crate::model::tags;
use crate::tables::{Named, UserRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn untag_user(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UntagUserRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = UserRecord::load(tx, account, &input.user_name)?;
        tags::remove(&mut row.tags, &input.tag_keys);
        row.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
