//! `DeleteProvisionedConcurrencyConfig`: one that is not there is no error (recorded).

use crate::model::name::{FunctionName, LATEST};
use crate::ops::put_provisioned_concurrency_config::check_qualifier;
use crate::tables::PROVISIONED;
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn delete_provisioned_concurrency_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteProvisionedConcurrencyConfigRequest,
) -> Result<Unit> {
    let name = FunctionName::parse(&cx, &input.function_name, Some(&input.qualifier))?;
    if name.qualifier_or_latest() == LATEST {
        return Err(errors::provisioned_resource());
    }
    let delete = move |tx: &mut store::Tx<'_>| {
        let qualifier = check_qualifier(tx, &name)?;
        let (account, region, function) = name.key();
        Ok::<_, Failure>(tx.delete(&PROVISIONED, &(account, region, function, qualifier))?)
    };
    lambda.deps.store.transact(delete).await?;
    Ok(Unit)
}
