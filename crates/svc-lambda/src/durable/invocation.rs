//! One invocation of a durable function: what it gets, and what its answer means.

use crate::durable::checkpoint::current_token;
use crate::durable::execution::{ExecutionTx, OWN_OPERATION};
use crate::durable::identity::ExecutionName;
use crate::durable::output::{self, Output};
use crate::durable::tables::{
    DURABLE_CHANGES, DURABLE_EXECUTIONS, DURABLE_WORK, ErrorRecord, ExecutionRecord, TextRecord,
    What, WorkRecord,
};
use crate::durable::timers::Row;
use crate::durable::{operation, state, text};
use crate::failure::Failure;
use crate::invocation::{Event, Execution, execute};
use crate::ops::invoke::ready_target;
use crate::ops::rows::TxResult;
use crate::{Lambda, Result, limits};
use base::{RequestId, Time};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use store::{Prefix, Tx, View};

/// An invocation that has begun.
struct Begun {
    record: ExecutionRecord,
    request_id: RequestId,
    /// Operations that changed since the function last saw them.
    changed: Vec<String>,
    now: Time,
}

/// What an invocation came to.
enum Ended {
    Answered(Output),
    /// The function failed outside of the SDK: it runs again.
    Failed(ErrorRecord),
    /// The execution cannot go on.
    Impossible(ErrorRecord),
}

/// Runs the function for the execution of the work `row` and stores what follows.
pub async fn run(lambda: &Arc<Lambda>, row: Row) -> Result<()> {
    let Some(begun) = begin(lambda, row.clone()).await? else { return Ok(()) };
    let name = ExecutionName::of(&begun.record, row.1)?;
    let event = event(lambda, &name, &begun).await?;
    let executed = invoke(lambda, &name, &begun, event).await;
    // Before the row of the work goes: after a crash either the log tells of the run, or it runs again.
    lambda.log_writer.flush().await;
    if let Ok(execution) = &executed {
        lambda.durable_waiting.log(row.1, &execution.log_tail);
    }
    let ended = match executed {
        Ok(execution) if execution.error_type.is_some() => {
            Ended::Failed(output::function_error(&execution.payload))
        }
        Ok(execution) => {
            Ended::Answered(output::parse(&execution.payload, begun.record.parent.is_some()))
        }
        Err(error) if error.is("ResourceNotFoundException") => {
            let error = ErrorRecord::of("ResourceNotFoundException", error.message());
            Ended::Impossible(error)
        }
        Err(error) => {
            tracing::debug!(%error, execution = %row.1, "a durable execution waits for an environment");
            return postpone(lambda, row).await;
        }
    };
    finish(lambda, row, begun, ended).await
}

/// Takes the changes that the function is told of, and makes all earlier tokens stale.
async fn begin(lambda: &Lambda, row: Row) -> Result<Option<Begun>> {
    let now = lambda.deps.clock.now();
    let request_id = RequestId::new(&*lambda.deps.entropy);
    let begin = move |tx: &mut Tx<'_>| begin_in(tx, &row, request_id, now);
    Ok(lambda.deps.store.transact(begin).await?)
}

fn begin_in(
    tx: &mut Tx<'_>,
    row: &Row,
    request_id: RequestId,
    now: Time,
) -> TxResult<Option<Begun>> {
    if !tx.contains(&DURABLE_WORK, row)? {
        return Ok(None);
    }
    let opened = ExecutionTx::open(tx, row.1, now)?;
    let Some(mut execution) = opened.filter(ExecutionTx::is_running) else {
        tx.delete(&DURABLE_WORK, row)?;
        return Ok(None);
    };
    if execution.record.events > limits::DURABLE_EVENTS_MAX {
        let max = limits::DURABLE_EVENTS_MAX;
        let message = format!("The history of the execution exceeds {max} events.");
        let error = ErrorRecord { message: Some(message), ..ErrorRecord::default() };
        execution.end(What::ExecutionFailed { error }, None)?;
        execution.close()?;
        return Ok(None);
    }
    let most = limits::DURABLE_OPERATIONS_MAX as usize;
    let changes = execution.tx.scan_keys(&DURABLE_CHANGES, Prefix::of((row.1,)), most)?;
    for change in &changes {
        execution.tx.delete(&DURABLE_CHANGES, change)?;
    }
    execution.record.invocation = Some(request_id.to_string());
    execution.record.token += 1;
    execution.record.last_checkpoint = None;
    let record = execution.record.clone();
    execution.close()?;
    let changed = changes.into_iter().map(|(_, operation)| operation).collect();
    Ok(Some(Begun { record, request_id, changed, now }))
}

/// The event that the SDKs understand.
async fn event(lambda: &Lambda, name: &ExecutionName, begun: &Begun) -> Result<Bytes> {
    // After the transaction, which others wait for: what has changed since is told once more.
    let page = |view: &View<'_>| state::page(view, name.id, 0, limits::DURABLE_PAGE_MAX);
    let page = lambda.deps.store.view(page).await?;
    let mut operations = Vec::with_capacity(page.operations.len());
    for shown in &page.operations {
        operations.push(operation::to_event(&shown.to_wire(lambda).await?));
    }
    let next = page.next.map_or(String::new(), |next| next.to_string());
    let event = json!({
        "DurableExecutionArn": name.arn(),
        "CheckpointToken": current_token(&begun.record, name.id),
        "InitialExecutionState": { "Operations": operations, "NextMarker": next },
        "UpdatedOperationIds": begun.changed,
    });
    Ok(event.to_string().into())
}

async fn invoke(
    lambda: &Arc<Lambda>,
    name: &ExecutionName,
    begun: &Begun,
    payload: Bytes,
) -> Result<Execution> {
    let target = ready_target(lambda, &name.target()).await?;
    let target = target.of_tenant(begun.record.tenant.as_deref())?;
    let event = Event {
        trace: None,
        request_id: begun.request_id,
        invoked_function_arn: begun.record.invoked_arn.clone(),
        payload,
        client_context: begun.record.client_context.clone(),
    };
    execute(lambda, target, event).await
}

/// The function could not be run: it is tried again later, with ever longer pauses.
async fn postpone(lambda: &Lambda, row: Row) -> Result<()> {
    let now = lambda.deps.clock.now();
    let postpone = move |tx: &mut Tx<'_>| {
        let Some(work) = tx.get(&DURABLE_WORK, &row)? else { return Ok::<_, Failure>(()) };
        tx.delete(&DURABLE_WORK, &row)?;
        let due = now + backoff(work.throttles);
        let record = WorkRecord { throttles: work.throttles.saturating_add(1) };
        tx.put(&DURABLE_WORK, &(due, row.1, row.2.clone()), &record)?;
        if row.2 == OWN_OPERATION
            && let Some(mut execution) = ExecutionTx::open(tx, row.1, now)?
        {
            execution.record.work_ns = Some(due.unix_ns());
            execution.record.invocation = None;
            execution.close()?;
        }
        Ok(())
    };
    Ok(lambda.deps.store.transact(postpone).await?)
}

/// As for asynchronous events.
pub fn backoff(throttles: u32) -> Duration {
    let factor = 1_u32 << throttles.min(16);
    (limits::ASYNC_BACKOFF_MIN * factor).min(limits::ASYNC_BACKOFF_MAX)
}

async fn finish(lambda: &Lambda, row: Row, begun: Begun, ended: Ended) -> Result<()> {
    let (result, for_parent) = match &ended {
        Ended::Answered(Output::Succeeded(Some(text))) => {
            keep_result(lambda, text, begun.record.parent.is_some()).await?
        }
        _ => (None, None),
    };
    let kept = [result.clone(), for_parent.clone()];
    let now = lambda.deps.clock.now();
    let id = row.1;
    let finish = move |tx: &mut Tx<'_>| {
        let results = (result.clone(), for_parent.clone());
        finish_in(tx, &row, &begun, &ended, results, now)
    };
    let used = lambda.deps.store.transact(finish).await;
    if !matches!(used, Ok(true)) {
        for text in kept.iter().flatten() {
            text::remove(lambda, text).await?;
        }
    }
    used?;
    lambda.durable_waiting.tell(id);
    Ok(())
}

/// The result, and once more for the execution that waits for it.
pub async fn keep_result(
    lambda: &Lambda,
    result: &str,
    has_parent: bool,
) -> Result<(Option<TextRecord>, Option<TextRecord>)> {
    let own = text::keep(lambda, result.to_string()).await?;
    let for_parent = match has_parent {
        true => Some(text::keep(lambda, result.to_string()).await?),
        false => None,
    };
    Ok((Some(own), for_parent))
}

/// Whether the results were used.
fn finish_in(
    tx: &mut Tx<'_>,
    row: &Row,
    begun: &Begun,
    ended: &Ended,
    (result, for_parent): (Option<TextRecord>, Option<TextRecord>),
    now: Time,
) -> TxResult<bool> {
    let Some(mut execution) = ExecutionTx::open(tx, row.1, now)? else {
        tx.delete(&DURABLE_WORK, row)?;
        return Ok(false);
    };
    let completed = What::InvocationCompleted {
        started_ms: begun.now.unix_ms(),
        request_id: begun.request_id.to_string(),
        error: match ended {
            Ended::Failed(error) | Ended::Impossible(error) => Some(error.clone()),
            Ended::Answered(_) => None,
        },
    };
    execution.event(None, completed)?;
    // Its timeout, a stop or its own checkpoint ended the execution meanwhile.
    if !execution.is_running() {
        execution.tx.delete(&DURABLE_WORK, row)?;
        execution.close()?;
        return Ok(false);
    }
    execution.record.invocation = None;
    match ended {
        Ended::Answered(Output::Succeeded(_)) => {
            execution.end(What::ExecutionSucceeded { result }, for_parent)?;
        }
        Ended::Answered(Output::Failed(error) | Output::Invalid(error))
        | Ended::Impossible(error) => {
            execution.end(What::ExecutionFailed { error: error.clone() }, None)?;
        }
        Ended::Failed(error) => {
            try_again(&mut execution, error, limits::DURABLE_FAILURES_MAX)?;
        }
        Ended::Answered(Output::Pending) => pause(&mut execution)?,
    }
    execution.close()?;
    Ok(true)
}

fn try_again(execution: &mut ExecutionTx<'_, '_>, error: &ErrorRecord, most: u32) -> TxResult<()> {
    execution.record.failures += 1;
    if execution.record.failures >= most {
        return execution.end(What::ExecutionFailed { error: error.clone() }, None);
    }
    let due = execution.now + limits::DURABLE_RETRY_DELAY;
    execution.set_work(Some(due))
}

/// Nothing runs until something happens, unless it has happened already.
fn pause(execution: &mut ExecutionTx<'_, '_>) -> TxResult<()> {
    let changes = Prefix::of((execution.id,));
    let changed = !execution.tx.scan_keys(&DURABLE_CHANGES, changes, 1)?.is_empty();
    if !changed && execution.record.pending == 0 {
        let message = "Cannot return PENDING status with no pending operations.";
        let error = ErrorRecord::of("InvalidParameterValueException", message);
        return try_again(execution, &error, limits::DURABLE_EMPTY_PAUSES_MAX);
    }
    execution.record.failures = 0;
    let next = changed.then_some(execution.now);
    execution.set_work(next)
}

/// What a caller that waited gets: the payload, and whether it is an error document.
pub async fn answer(lambda: &Lambda, id: RequestId) -> Result<(Bytes, bool)> {
    let stored = lambda.deps.store.view(|view| {
        let record = view.get(&DURABLE_EXECUTIONS, &id)?;
        let outcome = record.as_ref().and_then(|record| record.outcome);
        let event = match outcome {
            Some(number) => view.get(&crate::durable::tables::DURABLE_EVENTS, &(id, number))?,
            None => None,
        };
        Ok::<_, Failure>(event)
    });
    let event = stored.await?;
    let what = event.as_ref().map(|event| &event.what);
    if let Some(error) = what.and_then(What::error) {
        return Ok((output::error_document(error).to_string().into(), true));
    }
    let result = text::load_some(lambda, what.and_then(What::text)).await?;
    Ok((result.unwrap_or_else(|| Value::Null.to_string()).into(), false))
}
