//! `DeleteServiceLinkedRole`: remove the role of a service. No service here is in the way, so it is done at once.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::id;
use crate::ops::{accesses, holders};
use crate::tables::{
    Named, ROLE_DELETIONS, ROLES, RoleDeletionRecord, RoleRecord, SERVICE_ROLE_PATH, key,
};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;

/// See the module.
pub async fn delete_service_linked_role(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteServiceLinkedRoleRequest,
) -> Result<wire_iam::DeleteServiceLinkedRoleResponse, wire::Error> {
    let account = cx.account;
    let uuid = id::uuid(&*iam.entropy);
    let deleted_ms = iam.now().unix_ms();
    let (deletion_task_id, id) = iam
        .write(move |tx| {
            let role = RoleRecord::load(tx, account, &input.role_name)?;
            let Some(service) = role.path.strip_prefix(SERVICE_ROLE_PATH) else {
                return Err(errors::not_service_linked(&role.name));
            };
            let task = format!("task/aws-service-role/{service}{}/{uuid}", role.name);
            holders::delete_uses(tx, account, &role)?;
            accesses::delete_rows(tx, &role.id)?;
            tx.delete(&ROLES, &key(account, &role.name))?;
            let done =
                tx.scan(&ROLE_DELETIONS, Prefix::of((account,)), limits::REPORTS_PER_ACCOUNT)?;
            if done.len() >= limits::REPORTS_PER_ACCOUNT
                && let Some((oldest, _)) = done.iter().min_by_key(|(_, row)| row.deleted_ms)
            {
                tx.delete(&ROLE_DELETIONS, oldest)?;
            }
            let row = RoleDeletionRecord { deleted_ms };
            tx.put(&ROLE_DELETIONS, &(account, task.clone()), &row)?;
            Ok((task, role.id))
        })
        .await?;
    iam.accesses.forget(&id);
    Ok(wire_iam::DeleteServiceLinkedRoleResponse { deletion_task_id })
}
