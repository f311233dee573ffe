//! `DeleteLogGroup`: remove a group with its streams, events and filters.

use crate::errors::{self, Failure};
use crate::limits;
use crate::ops::delete_subscription_filter;
use crate::tables::{DELETIONS, DeletionRecord, GROUPS, METRIC_FILTERS, SUBSCRIPTION_FILTERS};
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire::{Error, Unit};
use wire_logs::DeleteLogGroupRequest;

/// The group and its filters are gone with this transaction; streams and events, which may be many, are left to the loop
/// [`crate::loops::deletion`].
pub async fn delete_log_group(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DeleteLogGroupRequest,
) -> Result<Unit, Error> {
    let (scope, deleted_ms) = (scope(&cx), logs.now_ms());
    let key = (scope.account, scope.region, input.log_group_name);
    let deleted = logs.store.transact(move |tx| {
        let group = tx.get(&GROUPS, &key)?.ok_or_else(errors::log_group_not_found)?;
        if group.deletion_protection {
            return Err(Failure::Fault(errors::deletion_protected()));
        }
        let filters = Prefix::of(key.clone());
        for filter in tx.scan_keys(&METRIC_FILTERS, filters, limits::METRIC_FILTERS_MAX)? {
            tx.delete(&METRIC_FILTERS, &filter)?;
        }
        let filters = Prefix::of(key.clone());
        for filter in tx.scan(&SUBSCRIPTION_FILTERS, filters, limits::SUBSCRIPTION_FILTERS_MAX)? {
            delete_subscription_filter::remove(tx, &filter.0, filter.1.id)?;
        }
        tx.delete(&GROUPS, &key)?;
        tx.put(&DELETIONS, &(group.id, 0), &DeletionRecord { deleted_ms })?;
        Ok(())
    });
    deleted.await?;
    Ok(Unit)
}
