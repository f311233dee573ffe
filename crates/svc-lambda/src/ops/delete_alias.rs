//! `DeleteAlias`: an alias that is not there is no error (recorded).

use crate::model::name::FunctionName;
use crate::ops::function_url_rows;
use crate::tables::{ALIASES, EVENT_INVOKE_CONFIGS, POLICIES, PROVISIONED};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn delete_alias(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteAliasRequest,
) -> Result<Unit> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let delete = move |tx: &mut store::Tx<'_>| {
        let (account, region, function) = name.key();
        let row = (account, region, function, input.name.clone());
        tx.delete(&ALIASES, &row)?;
        function_url_rows::delete(tx, &row)?;
        tx.delete(&POLICIES, &row)?;
        tx.delete(&EVENT_INVOKE_CONFIGS, &row)?;
        tx.delete(&PROVISIONED, &row)?;
        Ok::<_, Failure>(())
    };
    lambda.deps.store.transact(delete).await?;
    Ok(Unit)
}
