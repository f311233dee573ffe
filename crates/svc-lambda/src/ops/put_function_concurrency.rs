//! `PutFunctionConcurrency`: reserve a part of the account's concurrency.

use crate::environments::concurrency::{check_reservation, sum_committed, sum_provisioned};
use crate::model::name::FunctionName;
use crate::ops::rows;
use crate::tables::{CONCURRENCY, ConcurrencyRecord};
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn put_function_concurrency(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::PutFunctionConcurrencyRequest,
) -> Result<w::Concurrency> {
    let name = FunctionName::parse(&cx, &input.function_name, None)?;
    rows::check_unqualified(&name)?;
    let wanted = u32::try_from(input.reserved_concurrent_executions).unwrap_or_default();
    let limit = lambda.concurrency.limit();
    let put = move |tx: &mut store::Tx<'_>| {
        // Recorded: the error names $LATEST.
        let latest =
            FunctionName { qualifier: Some(crate::model::name::LATEST.into()), ..name.clone() };
        rows::function(tx, &latest)?;
        let (account, region, function) = name.key();
        let others = sum_committed(tx, &(account, region), Some(&function))?;
        check_reservation(limit, wanted, sum_provisioned(tx, &name.key(), None)?, others)?;
        Ok::<_, Failure>(tx.put(
            &CONCURRENCY,
            &name.key(),
            &ConcurrencyRecord { reserved: wanted },
        )?)
    };
    lambda.deps.store.transact(put).await?;
    let reserved = i32::try_from(wanted).map_err(errors::internal)?;
    Ok(w::Concurrency { reserved_concurrent_executions: Some(reserved) })
}
