//! `GetFunctionRecursionConfig`: `Terminate` unless something else was put.

use crate::model::name::FunctionName;
use crate::ops::rows;
use crate::tables::RECURSION_CONFIGS;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_function_recursion_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetFunctionRecursionConfigRequest,
) -> Result<w::GetFunctionRecursionConfigResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let read = lambda.deps.store.view(|view| {
        rows::function(view, &name)?;
        Ok::<_, Failure>(view.get(&RECURSION_CONFIGS, &name.key())?)
    });
    let allow = read.await?.is_some_and(|record| record.allow);
    let recursive_loop = if allow { w::RecursiveLoop::Allow } else { w::RecursiveLoop::Terminate };
    Ok(w::GetFunctionRecursionConfigResponse { recursive_loop: Some(recursive_loop) })
}
