//! `DeleteRetentionPolicy`: keep a group's events for ever.

use super::update_group;
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::DeleteRetentionPolicyRequest;

/// A group without a policy is left as it is.
pub async fn delete_retention_policy(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DeleteRetentionPolicyRequest,
) -> Result<Unit, Error> {
    let scope = scope(&cx);
    let updated = logs.store.transact(move |tx| {
        update_group(tx, &scope, &input.log_group_name, |group| {
            group.retention_days = None;
            Ok(())
        })
    });
    updated.await?;
    Ok(Unit)
}
