//! `TagResource`.

use crate::model::name::FunctionName;
use crate::model::tags;
use crate::ops::rows;
use crate::tables::FUNCTIONS;
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn tag_resource(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::TagResourceRequest,
) -> Result<Unit> {
    let name = taggable(&cx, &input.resource)?;
    if input.tags.is_empty() {
        return Err(errors::tags_missing());
    }
    let tag = move |tx: &mut store::Tx<'_>| {
        let mut function = rows::function(tx, &name)?;
        function.tags = tags::merge(&function.tags, &input.tags)?;
        Ok::<_, Failure>(tx.put(&FUNCTIONS, &name.key(), &function)?)
    };
    lambda.deps.store.transact(tag).await?;
    Ok(Unit)
}

/// The function that the ARN names. Errors: a version or an alias (400), another kind of resource (501).
pub fn taggable(cx: &CallCx, resource: &str) -> Result<FunctionName> {
    if !resource.contains(":function:") {
        return Err(errors::not_built("Tagging resources other than functions"));
    }
    let name = FunctionName::parse(cx, resource, None)?;
    if name.qualifier.is_some() { Err(errors::tags_on_functions_only()) } else { Ok(name) }
}
