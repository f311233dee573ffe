//! `GetFunctionUrlConfig`.

use crate::ops::function_url_rows::{load, parse_name, shown};
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_function_url_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetFunctionUrlConfigRequest,
) -> Result<w::GetFunctionUrlConfigResponse> {
    let name = parse_name(&cx, &input.function_name, input.qualifier.as_deref())?;
    let record = lambda.deps.store.view(|view| load(view, &name)).await?;
    let shown = shown(&lambda, &name, record);
    let invoke_mode = shown.invoke_mode_or_default();
    Ok(w::GetFunctionUrlConfigResponse {
        function_url: shown.url,
        function_arn: shown.arn,
        auth_type: shown.auth_type,
        cors: shown.cors,
        creation_time: shown.created,
        last_modified_time: shown.modified,
        invoke_mode,
    })
}
