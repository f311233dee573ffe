//! Removing an execution whose retention is over.

use crate::durable::execution::OWN;
use crate::durable::identity::ExecutionName;
use crate::durable::metering::Metered;
use crate::durable::tables::{
    DURABLE_CHANGES, DURABLE_EVENTS, DURABLE_EXECUTIONS, DURABLE_NAMES, DURABLE_OPERATIONS,
    DURABLE_PURGES, DURABLE_STARTS, DURABLE_TIMERS,
};
use crate::durable::text;
use crate::failure::Failure;
use crate::{Lambda, Result, limits};
use base::{RequestId, Time};
use store::{Prefix, Tx};

/// Removes all rows of the execution, in the end the one that says so: after a crash the rest goes.
pub async fn purge(lambda: &Lambda, row: (Time, RequestId)) -> Result<()> {
    let (id, now) = (row.1, lambda.deps.clock.now());
    while remove_events(lambda, id).await? || remove_operations(lambda, id).await? {}
    let remove = move |tx: &mut Tx<'_>| {
        if let Some(mut record) = tx.get(&DURABLE_EXECUTIONS, &id)? {
            // Kept until now, even if this was late.
            Metered::kept_until(&mut record, now).bill(tx, &record, now)?;
            let name = ExecutionName::of(&record, id)?;
            let function = (name.account, name.region, name.function);
            let (account, region, function) = function;
            let started = Time::from_unix_ms(record.started_ms);
            let start = (account, region.clone(), function.clone(), started, id);
            tx.delete(&DURABLE_STARTS, &start)?;
            let key = (account, region, function, name.name);
            let own = id.to_string();
            if tx.get(&DURABLE_NAMES, &key)?.is_some_and(|stored| stored.execution == own) {
                tx.delete(&DURABLE_NAMES, &key)?;
            }
        }
        tx.delete(&DURABLE_EXECUTIONS, &id)?;
        tx.delete(&DURABLE_PURGES, &row)?;
        Ok::<_, Failure>(())
    };
    Ok(lambda.deps.store.transact(remove).await?)
}

/// Bodies go before the rows that name them. Whether there were any.
async fn remove_events(lambda: &Lambda, id: RequestId) -> Result<bool> {
    let most = limits::DURABLE_PURGE_ROWS;
    let rows = lambda.deps.store.view(|view| view.scan(&DURABLE_EVENTS, Prefix::of((id,)), most));
    let rows = rows.await.map_err(|error: store::Error| Failure::from(error))?;
    for (_, event) in &rows {
        if let Some(record) = event.what.text() {
            text::remove(lambda, record).await?;
        }
    }
    let keys: Vec<_> = rows.into_iter().map(|(key, _)| key).collect();
    let any = !keys.is_empty();
    let remove = move |tx: &mut Tx<'_>| {
        keys.iter().try_for_each(|key| tx.delete(&DURABLE_EVENTS, key)).map_err(Failure::from)
    };
    lambda.deps.store.transact(remove).await?;
    Ok(any)
}

/// Timers of operations that were open at the end go with them. Whether there were any.
async fn remove_operations(lambda: &Lambda, id: RequestId) -> Result<bool> {
    let remove = move |tx: &mut Tx<'_>| {
        let most = limits::DURABLE_PURGE_ROWS;
        let operations = tx.scan(&DURABLE_OPERATIONS, Prefix::of((id,)), most)?;
        let changes = tx.scan_keys(&DURABLE_CHANGES, Prefix::of((id,)), most)?;
        for (key, record) in &operations {
            if let Some(due_ns) = record.due_ns.filter(|_| key.1 != OWN) {
                let row = (Time::from_unix_ns(due_ns), id, key.1.clone());
                tx.delete(&DURABLE_TIMERS, &row)?;
            }
            tx.delete(&DURABLE_OPERATIONS, key)?;
        }
        for key in &changes {
            tx.delete(&DURABLE_CHANGES, key)?;
        }
        Ok::<_, Failure>(!operations.is_empty() || !changes.is_empty())
    };
    Ok(lambda.deps.store.transact(remove).await?)
}
