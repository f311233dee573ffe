//! `DeleteRole`: remove a role that has neither policies nor instance profiles. Its sessions end with it.

use crate::Iam;
use crate::errors;
use crate::ops::{accesses, holders};
use crate::tables::{Holder, Named, ROLES, RoleRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_role(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteRoleRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let id = iam
        .write(move |tx| {
            let role = RoleRecord::load(tx, account, &input.role_name)?;
            role.check_changeable()?;
            holders::check_no_policies(&role)?;
            if !role.instance_profiles.is_empty() {
                return Err(errors::delete_first("remove roles from instance profile"));
            }
            holders::delete_uses(tx, account, &role)?;
            accesses::delete_rows(tx, &role.id)?;
            tx.delete(&ROLES, &key(account, &role.name))?;
            Ok(role.id)
        })
        .await?;
    iam.accesses.forget(&id);
    Ok(wire::Unit)
}
