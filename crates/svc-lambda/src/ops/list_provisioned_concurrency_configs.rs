//! `ListProvisionedConcurrencyConfigs`: all of a function, by version or alias.

use crate::loops::provisioned_reconcile::observe;
use crate::model::name::FunctionName;
use crate::ops::put_provisioned_concurrency_config::last_modified;
use crate::ops::rows::{self, TxResult};
use crate::tables::PROVISIONED;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_lambda as w;

pub async fn list_provisioned_concurrency_configs(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListProvisionedConcurrencyConfigsRequest,
) -> Result<w::ListProvisionedConcurrencyConfigsResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let key = name.key();
    let read = lambda.deps.store.view(|view| {
        rows::function(view, &name)?;
        let mut range = Prefix::of(key.clone());
        if let Some(qualifier) = after {
            range = range.after(&(key.0, key.1.clone(), key.2.clone(), qualifier));
        }
        let listed = view.scan(&PROVISIONED, range, size + 1)?.into_iter().map(|(row, record)| {
            let observed = observe(&lambda, view, &row, &record)?;
            Ok::<_, Failure>((row.3, record, observed))
        });
        listed.collect::<TxResult<Vec<_>>>()
    });
    let mut listed = read.await?;
    let more = rows::cut_page(&mut listed, size);
    let next_marker = listed.last().filter(|_| more).map(|(last, ..)| rows::marker(last));
    let int = |count: usize| i32::try_from(count).ok();
    let shown = listed.into_iter().map(|(qualifier, record, observed)| {
        w::ProvisionedConcurrencyConfigListItem {
            function_arn: Some(name.qualified_arn(&qualifier)),
            requested_provisioned_concurrent_executions: i32::try_from(record.requested).ok(),
            available_provisioned_concurrent_executions: int(observed.count.available),
            allocated_provisioned_concurrent_executions: int(observed.count.allocated),
            status: Some(observed.status),
            status_reason: observed.reason,
            last_modified: Some(last_modified(&record)),
        }
    });
    Ok(w::ListProvisionedConcurrencyConfigsResponse {
        provisioned_concurrency_configs: Some(shown.collect()),
        next_marker,
    })
}
