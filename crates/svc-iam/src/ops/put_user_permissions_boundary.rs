//! `PutUserPermissionsBoundary`: limit a user by a managed policy.

use crate::Iam;
use crate::ops::holders;
use crate::tables::UserRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn put_user_permissions_boundary(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::PutUserPermissionsBoundaryRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let boundary = Some(&*input.permissions_boundary);
        holders::set_boundary::<UserRecord>(tx, account, &input.user_name, boundary)
    })
    .await?;
    Ok(wire::Unit)
}
