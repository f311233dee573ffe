//! `DeleteMetricFilter`: remove a metric filter of a log group.

use crate::errors::{self, Failure};
use crate::tables::{GROUPS, METRIC_FILTERS};
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::DeleteMetricFilterRequest;

/// Group and filter must exist.
pub async fn delete_metric_filter(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DeleteMetricFilterRequest,
) -> Result<Unit, Error> {
    let scope = scope(&cx);
    let group_key = (scope.account, scope.region, input.log_group_name);
    let (account, region, group) = group_key.clone();
    let key = (account, region, group, input.filter_name);
    let deleted = logs.store.transact(move |tx| {
        if !tx.contains(&GROUPS, &group_key)? {
            return Err(Failure::Fault(errors::log_group_not_found()));
        }
        if !tx.contains(&METRIC_FILTERS, &key)? {
            return Err(Failure::Fault(errors::metric_filter_not_found()));
        }
        tx.delete(&METRIC_FILTERS, &key)?;
        Ok(())
    });
    deleted.await?;
    Ok(Unit)
}
