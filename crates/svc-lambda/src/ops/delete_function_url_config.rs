//! `DeleteFunctionUrlConfig`: a URL of the same function that is made later is another one.

use crate::ops::function_url_rows::{delete, key, parse_name};
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn delete_function_url_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteFunctionUrlConfigRequest,
) -> Result<Unit> {
    let name = parse_name(&cx, &input.function_name, input.qualifier.as_deref())?;
    let remove = move |tx: &mut store::Tx<'_>| {
        if delete(tx, &key(&name))? {
            Ok::<_, Failure>(())
        } else {
            Err(errors::url_not_found().into())
        }
    };
    lambda.deps.store.transact(remove).await?;
    Ok(Unit)
}
