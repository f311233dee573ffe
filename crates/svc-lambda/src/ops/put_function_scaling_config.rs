//! `PutFunctionScalingConfig`: how many environments a version has on its capacity provider.
//!
//! With none it is deactivated. A loop carries it out ([`crate::loops::managed_reconcile`]).

use crate::errors::{self, capacity_providers};
use crate::model::managed_instances::{FUNCTION_SCALING_DEFAULT, scaling};
use crate::model::name::FunctionName;
use crate::model::version;
use crate::ops::rows;
use crate::tables::{
    FUNCTION_SCALING, FunctionScalingRecord, StateRecord, VERSIONS, VersionRecord,
};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::{Tx, View};
use wire_lambda as w;

pub async fn put_function_scaling_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::PutFunctionScalingConfigRequest,
) -> Result<w::PutFunctionScalingConfigResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, Some(&input.qualifier))?;
    let requested = scaling(input.function_scaling_config.as_ref())?;
    let put = move |tx: &mut Tx<'_>| {
        let (number, mut record) = managed_version(tx, &name)?;
        let key = (name.account, name.region.clone(), name.name.clone(), number);
        let before = tx.get(&FUNCTION_SCALING, &key)?.unwrap_or(FUNCTION_SCALING_DEFAULT);
        tx.put(&FUNCTION_SCALING, &key, &FunctionScalingRecord { requested, ..before })?;
        let next = match (&record.state, requested.max) {
            (StateRecord::Active | StateRecord::Pending, Some(0)) => StateRecord::Deactivating,
            (StateRecord::Deactivating | StateRecord::Deactivated, None | Some(1..)) => {
                StateRecord::Pending
            }
            (unchanged, _) => unchanged.clone(),
        };
        if record.state != next {
            record.state = next;
            tx.put(&VERSIONS, &key, &record)?;
        }
        Ok::<_, Failure>(record.state)
    };
    let state = lambda.deps.store.transact(put).await?;
    Ok(w::PutFunctionScalingConfigResponse { function_state: Some(version::state(&state)) })
}

/// The published version that the request names, which must be on managed instances.
pub fn managed_version(
    view: &View<'_>,
    name: &FunctionName,
) -> std::result::Result<(u64, VersionRecord), Failure> {
    rows::function(view, name)?;
    let missing = || errors::function_not_found(&name.arn());
    let number = version::number(name.qualifier_or_latest()).ok_or_else(missing)?;
    let record = rows::version(view, &name.key(), number)?.ok_or_else(missing)?;
    if record.configuration.managed.is_none() {
        return Err(capacity_providers::scaling_needs_managed_instances().into());
    }
    Ok((number, record))
}
