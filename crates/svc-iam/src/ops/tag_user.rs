//! `TagUser`: add or replace tags of a user.

use crate::Iam;
use crate::model::tags;
use crate::tables::{Named, UserRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn tag_user(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::TagUserRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = UserRecord::load(tx, account, &input.user_name)?;
        tags::put(&mut row.tags, &input.tags)?;
        row.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
