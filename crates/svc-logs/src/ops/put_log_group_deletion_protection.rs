//! `PutLogGroupDeletionProtection`: whether a log group refuses to be deleted.

use super::update_group;
use crate::{Logs, errors, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::PutLogGroupDeletionProtectionRequest;

/// Holds from now on, for DeleteLogGroup alone.
pub async fn put_log_group_deletion_protection(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: PutLogGroupDeletionProtectionRequest,
) -> Result<Unit, Error> {
    let scope = scope(&cx);
    let name = scope.group_name(&input.log_group_identifier);
    let name = name.ok_or_else(errors::log_group_not_found)?.to_string();
    let updated = logs.store.transact(move |tx| {
        update_group(tx, &scope, &name, |group| {
            group.deletion_protection = input.deletion_protection_enabled;
            Ok(())
        })
    });
    updated.await?;
    Ok(Unit)
}
