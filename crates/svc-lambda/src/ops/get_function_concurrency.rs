//! `GetFunctionConcurrency`.

use crate::model::name::FunctionName;
use crate::ops::rows;
use crate::tables::CONCURRENCY;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_function_concurrency(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetFunctionConcurrencyRequest,
) -> Result<w::GetFunctionConcurrencyResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let read = lambda.deps.store.view(|view| {
        rows::function(view, &name)?;
        Ok::<_, Failure>(view.get(&CONCURRENCY, &name.key())?)
    });
    let reserved = read.await?.and_then(|record| i32::try_from(record.reserved).ok());
    Ok(w::GetFunctionConcurrencyResponse { reserved_concurrent_executions: reserved })
}
