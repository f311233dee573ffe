//! Answers from outside.

use crate::durable::errors;
use crate::durable::execution::ExecutionTx;
use crate::durable::identity::{self, CallbackName};
use crate::durable::tables::{OperationRecord, What};
use crate::durable::timers;
use crate::ops::rows::TxResult;
use crate::{Lambda, Result};
use base::Time;
use store::Tx;
use wire_lambda as w;

/// What a callback's id stands for. Error: it is none.
pub fn parse(id: &str) -> Result<CallbackName> {
    identity::parse_callback_id(id).ok_or_else(errors::callback_id)
}

/// Ends the callback. Error: it is not open.
pub async fn settle(
    lambda: &Lambda,
    id: String,
    status: w::OperationStatus,
    what: What,
) -> Result<()> {
    let (name, now) = (parse(&id)?, lambda.deps.clock.now());
    let settle = move |tx: &mut Tx<'_>| {
        let (mut execution, _) = open(tx, &name, &id, now)?;
        execution.settle(&name.operation, status, what.clone())?;
        execution.close()
    };
    Ok(lambda.deps.store.transact(settle).await?)
}

/// Moves the callback's heartbeat timeout. Error: it is not open.
pub async fn heartbeat(lambda: &Lambda, id: String) -> Result<()> {
    let (name, now) = (parse(&id)?, lambda.deps.clock.now());
    let heartbeat = move |tx: &mut Tx<'_>| {
        let (mut execution, before) = open(tx, &name, &id, now)?;
        let mut record = before.clone();
        let due = timers::callback_due(&record, now);
        execution.set_timer(&name.operation, &mut record, due)?;
        execution.put_operation(&name.operation, Some(&before), &record)?;
        execution.close()
    };
    Ok(lambda.deps.store.transact(heartbeat).await?)
}

/// The execution and the operation of a callback that waits.
fn open<'a, 's>(
    tx: &'a mut Tx<'s>,
    name: &CallbackName,
    id: &str,
    now: Time,
) -> TxResult<(ExecutionTx<'a, 's>, OperationRecord)> {
    let execution = ExecutionTx::open(tx, name.execution.id, now)?;
    let execution = execution.filter(|one| name.execution.is(&one.record) && one.is_running());
    let execution = execution.ok_or_else(errors::callback_closed)?;
    let record = execution.operation(&name.operation)?;
    let open = |record: &OperationRecord| {
        record.is_pending() && record.callback.as_ref().is_some_and(|callback| callback.id == id)
    };
    let record = record.filter(open).ok_or_else(errors::callback_closed)?;
    Ok((execution, record))
}
