//! `PutFunctionRecursionConfig`: whether a function may go on when it is found in a loop.

use crate::model::name::FunctionName;
use crate::ops::rows;
use crate::tables::{RECURSION_CONFIGS, RecursionConfigRecord};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn put_function_recursion_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::PutFunctionRecursionConfigRequest,
) -> Result<w::PutFunctionRecursionConfigResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let allow = input.recursive_loop == w::RecursiveLoop::Allow;
    let put = move |tx: &mut store::Tx<'_>| {
        rows::function(tx, &name)?;
        Ok::<_, Failure>(tx.put(
            &RECURSION_CONFIGS,
            &name.key(),
            &RecursionConfigRecord { allow },
        )?)
    };
    lambda.deps.store.transact(put).await?;
    Ok(w::PutFunctionRecursionConfigResponse { recursive_loop: Some(input.recursive_loop) })
}
