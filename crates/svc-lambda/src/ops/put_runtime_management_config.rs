//! `PutRuntimeManagementConfig`: when a version's runtime is to be updated.
//!
//! There is one version of each runtime, that of this host, which every environment gets when it starts. So `Auto` and
//! `FunctionUpdate` come to the same, and `Manual` can name that version alone.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html>

use crate::errors::{self, code_signing as texts};
use crate::model::name::{FunctionName, Qualifier};
use crate::model::runtime;
use crate::ops::rows::{self, TxResult};
use crate::tables::{RUNTIME_MANAGEMENT, RuntimeManagementRecord, VersionRecord};
use crate::{Failure, Lambda, Result};
use base::{AccountId, Region};
use seams::CallCx;
use std::sync::Arc;
use store::View;
use wire_lambda as w;

pub async fn put_runtime_management_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::PutRuntimeManagementConfigRequest,
) -> Result<w::PutRuntimeManagementConfigResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let manual = input.update_runtime_on == w::UpdateRuntimeOn::Manual;
    match (&input.runtime_version_arn, manual) {
        (None, true) => return Err(texts::runtime_version_missing()),
        (Some(_), false) => return Err(texts::runtime_version_unexpected()),
        _ => {}
    }
    let shown = w::PutRuntimeManagementConfigResponse {
        update_runtime_on: input.update_runtime_on,
        function_arn: name.qualified_arn(name.qualifier_or_latest()),
        runtime_version_arn: input.runtime_version_arn.clone(),
    };
    let put = move |tx: &mut store::Tx<'_>| {
        let version = version(tx, &name)?;
        let current = runtime::version_arn(&name.region, &version.configuration.runtime);
        if let Some(arn) = input.runtime_version_arn.as_ref().filter(|arn| **arn != current) {
            return Err(texts::runtime_version_unknown(arn, &current).into());
        }
        let row = RuntimeManagementRecord {
            update_runtime_on: input.update_runtime_on.as_str().to_string(),
            runtime_version_arn: input.runtime_version_arn.clone(),
        };
        Ok::<_, Failure>(tx.put(&RUNTIME_MANAGEMENT, &key(&name), &row)?)
    };
    lambda.deps.store.transact(put).await?;
    Ok(shown)
}

/// The version that is meant. Error: aliases have no runtime of their own.
pub fn version(view: &View<'_>, name: &FunctionName) -> TxResult<VersionRecord> {
    if let Qualifier::Alias(_) = Qualifier::of(name.qualifier_or_latest()) {
        return Err(errors::function_not_found(&name.arn()).into());
    }
    Ok(rows::qualified_version(view, name)?.0)
}

/// The row of a version.
pub fn key(name: &FunctionName) -> (AccountId, Region, String, String) {
    let (account, region, function) = name.key();
    (account, region, function, name.qualifier_or_latest().to_string())
}
