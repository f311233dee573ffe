//! `GetServiceLinkedRoleDeletionStatus`: whether a service's role is gone.

use crate::Iam;
use crate::errors;
use crate::tables::ROLE_DELETIONS;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::DeletionTaskStatusType;

/// See the module.
pub async fn get_service_linked_role_deletion_status(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<wire_iam::GetServiceLinkedRoleDeletionStatusResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let task = &input.deletion_task_id;
        if !view.contains(&ROLE_DELETIONS, &(account, task.clone()))? {
            return Err(errors::no_such_deletion(task));
        }
        Ok(wire_iam::GetServiceLinkedRoleDeletionStatusResponse {
            status: DeletionTaskStatusType::Succeeded,
            reason: None,
        })
    })
    .await
}
