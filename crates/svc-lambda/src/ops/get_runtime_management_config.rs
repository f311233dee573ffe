//! `GetRuntimeManagementConfig`.

use crate::model::name::FunctionName;
use crate::ops::put_runtime_management_config::{key, version};
use crate::tables::RUNTIME_MANAGEMENT;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_runtime_management_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetRuntimeManagementConfigRequest,
) -> Result<w::GetRuntimeManagementConfigResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let read = lambda.deps.store.view(|view| {
        version(view, &name)?;
        Ok::<_, Failure>(view.get(&RUNTIME_MANAGEMENT, &key(&name))?)
    });
    let row = read.await?;
    let update_runtime_on = match &row {
        Some(row) => w::UpdateRuntimeOn::parse(&row.update_runtime_on),
        None => Some(w::UpdateRuntimeOn::Auto),
    };
    Ok(w::GetRuntimeManagementConfigResponse {
        update_runtime_on,
        function_arn: Some(name.qualified_arn(name.qualifier_or_latest())),
        runtime_version_arn: row.and_then(|row| row.runtime_version_arn),
    })
}
