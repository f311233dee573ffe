//! `PutFunctionCodeSigningConfig`: counts from the function's next deployment on.

use crate::model::name::FunctionName;
use crate::ops::{code_signing_rows, rows};
use crate::tables::{FUNCTION_CODE_SIGNING, FunctionCodeSigningRecord};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn put_function_code_signing_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::PutFunctionCodeSigningConfigRequest,
) -> Result<w::PutFunctionCodeSigningConfigResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let arn = input.code_signing_config_arn;
    let shown = w::PutFunctionCodeSigningConfigResponse {
        code_signing_config_arn: arn.clone(),
        function_name: name.name.clone(),
    };
    let put = move |tx: &mut store::Tx<'_>| {
        let (config, _) = code_signing_rows::load_for_function(tx, &cx, &arn)?;
        rows::function(tx, &name)?;
        let row = FunctionCodeSigningRecord { config: config.2 };
        Ok::<_, Failure>(tx.put(&FUNCTION_CODE_SIGNING, &name.key(), &row)?)
    };
    lambda.deps.store.transact(put).await?;
    Ok(shown)
}
