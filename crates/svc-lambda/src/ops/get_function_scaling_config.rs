//! `GetFunctionScalingConfig`.

use crate::model::managed_instances::{FUNCTION_SCALING_DEFAULT, scaling_to_wire};
use crate::model::name::FunctionName;
use crate::ops::put_function_scaling_config::managed_version;
use crate::tables::FUNCTION_SCALING;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_function_scaling_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetFunctionScalingConfigRequest,
) -> Result<w::GetFunctionScalingConfigResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, Some(&input.qualifier))?;
    let read = lambda.deps.store.view(|view| {
        let (number, _) = managed_version(view, &name)?;
        let key = (name.account, name.region.clone(), name.name.clone(), number);
        Ok::<_, Failure>(view.get(&FUNCTION_SCALING, &key)?.unwrap_or(FUNCTION_SCALING_DEFAULT))
    });
    let record = read.await?;
    Ok(w::GetFunctionScalingConfigResponse {
        function_arn: Some(name.arn()),
        applied_function_scaling_config: Some(scaling_to_wire(record.applied)),
        requested_function_scaling_config: Some(scaling_to_wire(record.requested)),
    })
}
