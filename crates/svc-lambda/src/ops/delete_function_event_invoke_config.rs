//! `DeleteFunctionEventInvokeConfig`.

use crate::model::name::FunctionName;
use crate::ops::put_function_event_invoke_config::{key, load};
use crate::tables::EVENT_INVOKE_CONFIGS;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn delete_function_event_invoke_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteFunctionEventInvokeConfigRequest,
) -> Result<Unit> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let delete = move |tx: &mut store::Tx<'_>| {
        load(tx, &name)?;
        Ok::<_, Failure>(tx.delete(&EVENT_INVOKE_CONFIGS, &key(&name))?)
    };
    lambda.deps.store.transact(delete).await?;
    Ok(Unit)
}
