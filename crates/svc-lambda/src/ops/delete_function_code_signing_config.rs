//! `DeleteFunctionCodeSigningConfig`.

use crate::model::name::FunctionName;
use crate::ops::rows;
use crate::tables::FUNCTION_CODE_SIGNING;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn delete_function_code_signing_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteFunctionCodeSigningConfigRequest,
) -> Result<Unit> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let delete = move |tx: &mut store::Tx<'_>| {
        rows::function(tx, &name)?;
        Ok::<_, Failure>(tx.delete(&FUNCTION_CODE_SIGNING, &name.key())?)
    };
    lambda.deps.store.transact(delete).await?;
    Ok(Unit)
}
