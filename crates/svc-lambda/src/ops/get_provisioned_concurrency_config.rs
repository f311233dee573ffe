//! `GetProvisionedConcurrencyConfig`: what was asked for, and how much of it there is.

use crate::loops::provisioned_reconcile::observe;
use crate::model::name::{FunctionName, LATEST};
use crate::ops::put_provisioned_concurrency_config::{check_qualifier, last_modified};
use crate::tables::PROVISIONED;
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_provisioned_concurrency_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetProvisionedConcurrencyConfigRequest,
) -> Result<w::GetProvisionedConcurrencyConfigResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, Some(&input.qualifier))?;
    if name.qualifier_or_latest() == LATEST {
        return Err(errors::provisioned_resource());
    }
    let read = lambda.deps.store.view(|view| {
        let qualifier = check_qualifier(view, &name)?;
        let (account, region, function) = name.key();
        let row = (account, region, function, qualifier);
        let record = view.get(&PROVISIONED, &row)?.ok_or_else(errors::provisioned_not_found)?;
        let observed = observe(&lambda, view, &row, &record)?;
        Ok::<_, Failure>((record, observed))
    });
    let (record, observed) = read.await?;
    let int = |count: usize| i32::try_from(count).ok();
    Ok(w::GetProvisionedConcurrencyConfigResponse {
        requested_provisioned_concurrent_executions: i32::try_from(record.requested).ok(),
        available_provisioned_concurrent_executions: int(observed.count.available),
        allocated_provisioned_concurrent_executions: int(observed.count.allocated),
        last_modified: Some(last_modified(&record)),
        status: Some(observed.status),
        status_reason: observed.reason,
    })
}
