//! `GetFunctionCodeSigningConfig`.

use crate::model::code_signing::arn;
use crate::model::name::FunctionName;
use crate::ops::rows;
use crate::tables::FUNCTION_CODE_SIGNING;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_function_code_signing_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetFunctionCodeSigningConfigRequest,
) -> Result<w::GetFunctionCodeSigningConfigResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let read = lambda.deps.store.view(|view| {
        rows::function(view, &name)?;
        Ok::<_, Failure>(view.get(&FUNCTION_CODE_SIGNING, &name.key())?)
    });
    // A function without one: both members are empty.
    Ok(read.await?.map_or_else(Default::default, |row| w::GetFunctionCodeSigningConfigResponse {
        code_signing_config_arn: arn(&(name.account, name.region.clone(), row.config)),
        function_name: name.name.clone(),
    }))
}
