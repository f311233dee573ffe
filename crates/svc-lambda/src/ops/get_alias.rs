//! `GetAlias`.

use crate::model::name::FunctionName;
use crate::ops::create_alias::to_wire;
use crate::ops::rows;
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_alias(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetAliasRequest,
) -> Result<w::AliasConfiguration> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let read = lambda.deps.store.view(|view| {
        let alias = rows::alias(view, &name.key(), &input.name)?;
        let missing = || errors::alias_cannot_be_found(&name.qualified_arn(&input.name));
        Ok::<_, Failure>(alias.ok_or_else(missing)?)
    });
    let record = read.await?;
    Ok(to_wire(&name, &input.name, record))
}
