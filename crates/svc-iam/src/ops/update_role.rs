//! `UpdateRole`: change a role's description or longest session. What is left out becomes the default again, as on AWS.

use crate::Iam;
use crate::limits;
use crate::tables::{Named, RoleRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_role(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateRoleRequest,
) -> Result<wire_iam::UpdateRoleResponse, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut role = RoleRecord::load(tx, account, &input.role_name)?;
        if input.description.is_some() {
            role.description.clone_from(&input.description);
        }
        let duration_s = input.max_session_duration.and_then(|s| u32::try_from(s).ok());
        role.session_duration_s_max = duration_s.unwrap_or(limits::SESSION_DURATION_S);
        role.save(tx, account)
    })
    .await?;
    Ok(wire_iam::UpdateRoleResponse {})
}
