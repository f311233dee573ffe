//! `PutRetentionPolicy`: how many days a group keeps its events.

use super::update_group;
use crate::{Logs, errors, limits, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::PutRetentionPolicyRequest;

/// Only some numbers of days are allowed. Older events are hidden at once and removed by the retention sweep.
pub async fn put_retention_policy(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: PutRetentionPolicyRequest,
) -> Result<Unit, Error> {
    let days = u32::try_from(input.retention_in_days).ok();
    let days = days.filter(|days| limits::RETENTION_DAYS.contains(days)).ok_or_else(|| {
        let value = input.retention_in_days.to_string();
        errors::not_in_value_set(&value, "retentionInDays", &limits::RETENTION_DAYS)
    })?;
    let scope = scope(&cx);
    let updated = logs.store.transact(move |tx| {
        update_group(tx, &scope, &input.log_group_name, |group| {
            group.retention_days = Some(days);
            Ok(())
        })
    });
    updated.await?;
    Ok(Unit)
}
