//! `GetFunctionConfiguration`.

use crate::model::name::FunctionName;
use crate::model::version::{self, Detail};
use crate::ops::rows;
use crate::{Lambda, Result, variables};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_function_configuration(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetFunctionConfigurationRequest,
) -> Result<w::FunctionConfiguration> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let read = lambda.deps.store.view(|view| rows::qualified_version(view, &name));
    let (record, version) = read.await?;
    let qualifier = name.qualifier.as_deref();
    let mut shown = version::to_wire(&name.key(), &record, &version, qualifier, Detail::Full);
    variables::show(&lambda, &cx, &mut shown).await;
    Ok(shown)
}
