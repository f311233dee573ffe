//! `GetFunctionEventInvokeConfig`.

use crate::model::name::FunctionName;
use crate::ops::put_function_event_invoke_config::{load, to_wire};
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_function_event_invoke_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetFunctionEventInvokeConfigRequest,
) -> Result<w::FunctionEventInvokeConfig> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let record = lambda.deps.store.view(|view| load(view, &name)).await?;
    Ok(to_wire(&name, &record))
}
