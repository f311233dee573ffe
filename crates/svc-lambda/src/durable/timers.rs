//! What happens by itself: waits end, steps may be tried again, callbacks and executions are given up.

use crate::durable::execution::{ExecutionTx, OWN};
use crate::durable::tables::{DURABLE_TIMERS, ErrorRecord, OperationRecord, What};
use crate::ops::rows::TxResult;
use base::{RequestId, Time};
use std::time::Duration;
use store::Tx;
use wire_lambda as w;

/// A row of the timers.
pub type Row = (Time, RequestId, String);

/// Fires the timer `row`, which is due, and removes it. The execution, if that ended it: those who wait for it are to be
/// told.
pub fn fire(tx: &mut Tx<'_>, row: &Row, now: Time) -> TxResult<Option<RequestId>> {
    let (due, id, operation) = row;
    if !tx.contains(&DURABLE_TIMERS, row)? {
        return Ok(None);
    }
    tx.delete(&DURABLE_TIMERS, row)?;
    let opened = ExecutionTx::open(tx, *id, now)?;
    let Some(mut execution) = opened.filter(ExecutionTx::is_running) else { return Ok(None) };
    if operation != OWN {
        fire_operation(&mut execution, *due, operation)?;
        execution.close()?;
        return Ok(None);
    }
    let seconds = execution.record.timeout_s;
    let message = format!("Execution timed out after {seconds} seconds.");
    let error = ErrorRecord { message: Some(message), ..ErrorRecord::default() };
    execution.end(What::ExecutionTimedOut { error }, None)?;
    execution.close()?;
    Ok(Some(*id))
}

/// Fires an operation's timer, if it is still the operation's.
pub fn fire_operation(execution: &mut ExecutionTx<'_, '_>, due: Time, id: &str) -> TxResult<()> {
    let Some(before) = execution.operation(id)? else { return Ok(()) };
    if before.due_ns != Some(due.unix_ns()) || !execution.is_running() || !before.is_pending() {
        return Ok(());
    }
    match before.kind {
        w::OperationType::Wait => {
            let waited = due.since(Time::from_unix_ms(before.started_ms));
            let duration_s = waited.as_secs_f64().round() as u64;
            let what = What::WaitSucceeded { duration_s };
            execution.settle(id, w::OperationStatus::Succeeded, what)?;
        }
        w::OperationType::Step => {
            let mut record = before.clone();
            execution.set_timer(id, &mut record, None)?;
            record.status = w::OperationStatus::Ready;
            execution.put_operation(id, Some(&before), &record)?;
            execution.changed(id)?;
        }
        w::OperationType::Callback => {
            let what = What::CallbackTimedOut { error: callback_error(&before, due) };
            execution.settle(id, w::OperationStatus::TimedOut, what)?;
        }
        _ => {}
    }
    Ok(())
}

/// <https://github.com/aws/aws-durable-execution-sdk-python-testing>
fn callback_error(record: &OperationRecord, due: Time) -> ErrorRecord {
    let deadline = record.callback.as_ref().and_then(|callback| callback.deadline_ns);
    if deadline == Some(due.unix_ns()) {
        ErrorRecord::of("Callback.Timeout", "Callback timed out")
    } else {
        ErrorRecord::of("Callback.Heartbeat", "Callback timed out on heartbeat")
    }
}

/// When a callback that showed a sign of life at `now` is given up.
pub fn callback_due(record: &OperationRecord, now: Time) -> Option<Time> {
    let callback = record.callback.as_ref()?;
    let deadline = callback.deadline_ns.map(Time::from_unix_ns);
    let heartbeat = callback.heartbeat_s.map(|seconds| now + Duration::from_secs(seconds));
    [deadline, heartbeat].into_iter().flatten().min()
}
