//! `DeleteUserPermissionsBoundary`: lift the limit of a user.

use crate::Iam;
use crate::ops::holders;
use crate::tables::UserRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_user_permissions_boundary(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteUserPermissionsBoundaryRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| holders::set_boundary::<UserRecord>(tx, account, &input.user_name, None))
        .await?;
    Ok(wire::Unit)
}
