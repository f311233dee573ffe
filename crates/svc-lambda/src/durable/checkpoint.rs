//! A checkpoint: the updates of a function, applied all together or not at all.

use crate::durable::errors;
use crate::durable::execution::{ExecutionTx, OWN};
use crate::durable::history::error_record;
use crate::durable::identity::checkpoint_token;
use crate::durable::operation::Shown;
use crate::durable::start::{self, NewExecution};
use crate::durable::tables::{
    CallbackRecord, CheckpointRecord, DURABLE_CHANGES, DURABLE_TIMERS, DURABLE_WORK, ErrorRecord,
    ExecutionRecord, OperationRecord, TextRecord, What, WorkRecord,
};
use crate::durable::{timers, validate};
use crate::limits;
use crate::ops::rows::TxResult;
use base::{RequestId, Time};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use store::{Prefix, Tx};
use w::OperationAction::{Cancel, Fail, Retry, Start, Succeed};
use wire_lambda as w;

/// A checkpoint whose payloads are kept already.
#[derive(Clone)]
pub struct Checkpoint {
    /// The execution.
    pub id: RequestId,
    /// The token that it came with.
    pub token: String,
    /// What the client calls it.
    pub client_token: Option<String>,
    /// The updates in their order.
    pub updates: Vec<Prepared>,
    /// When it came.
    pub now: Time,
}

/// An update with what was looked up for it outside the transaction.
#[derive(Clone)]
pub struct Prepared {
    /// As the function sent it, without the payload.
    pub update: w::OperationUpdate,
    /// Its payload.
    pub text: Option<TextRecord>,
    /// The same once more, for the execution that waits for this one's result.
    pub for_parent: Option<TextRecord>,
    /// Only for callbacks: the id.
    pub callback_id: Option<String>,
    /// Only for chained invokes.
    pub chained: Option<Chained>,
}

/// What a chained invoke leads to.
#[derive(Clone)]
pub enum Chained {
    /// It cannot be done.
    Refused(ErrorRecord),
    /// The function runs once; its version.
    Function(String),
    /// Another execution.
    Execution(Box<NewExecution>, String),
}

/// What came of a checkpoint.
pub struct Applied {
    /// The token for the next one; None if the execution has ended.
    pub token: Option<String>,
    /// The operations that changed since the function last saw them.
    pub operations: Vec<Shown>,
    /// Whether the same was answered before.
    pub repeated: bool,
}

/// Applies the checkpoint. Errors: its token is not the newest, or an update is not allowed.
pub fn apply(tx: &mut Tx<'_>, checkpoint: &Checkpoint) -> TxResult<Applied> {
    let opened = ExecutionTx::open(tx, checkpoint.id, checkpoint.now)?;
    let mut execution = opened.ok_or_else(errors::checkpoint_token)?;
    if let Some(applied) = repeated(&execution, checkpoint)? {
        return Ok(applied);
    }
    let newest = current_token(&execution.record, checkpoint.id);
    if !execution.is_running() || newest.as_deref() != Some(&checkpoint.token) {
        return Err(errors::checkpoint_token().into());
    }
    let mut touched = BTreeSet::new();
    let mut seen = HashMap::new();
    for prepared in &checkpoint.updates {
        let update = &prepared.update;
        one(&mut execution, prepared, seen.get(&update.id).copied())?;
        seen.insert(update.id.clone(), (update.r#type, update.action));
        if update.r#type != w::OperationType::Execution {
            touched.insert(update.id.clone());
        }
    }
    bounds(&execution.record)?;
    fire_due(&mut execution)?;
    let operations = changes(&mut execution, touched)?;
    execution.record.token += 1;
    let token = current_token(&execution.record, checkpoint.id);
    execution.record.last_checkpoint =
        checkpoint.client_token.clone().map(|client_token| CheckpointRecord {
            client_token,
            token: execution.record.token - 1,
            at_ms: checkpoint.now.unix_ms(),
            operations: operations.iter().map(|shown| shown.id.clone()).collect(),
        });
    execution.close()?;
    Ok(Applied { token, operations, repeated: false })
}

/// The only token that is accepted now; None while no invocation runs.
pub fn current_token(record: &ExecutionRecord, id: RequestId) -> Option<String> {
    let invocation = record.invocation.as_ref()?;
    Some(checkpoint_token(id, invocation, record.token))
}

/// The answer to a checkpoint that was answered before.
fn repeated(execution: &ExecutionTx<'_, '_>, checkpoint: &Checkpoint) -> TxResult<Option<Applied>> {
    let Some(last) = &execution.record.last_checkpoint else { return Ok(None) };
    let Some(invocation) = &execution.record.invocation else { return Ok(None) };
    let age = checkpoint.now.since(Time::from_unix_ms(last.at_ms));
    let same = checkpoint.client_token.as_ref() == Some(&last.client_token)
        && checkpoint.token == checkpoint_token(execution.id, invocation, last.token)
        && age < Duration::from_secs(limits::DURABLE_CLIENT_TOKEN_S);
    if !same {
        return Ok(None);
    }
    let mut operations = Vec::with_capacity(last.operations.len());
    for id in &last.operations {
        if let Some(record) = execution.operation(id)? {
            operations.push(Shown::read(execution.tx, execution.id, id.clone(), record)?);
        }
    }
    let token = current_token(&execution.record, execution.id);
    Ok(Some(Applied { token, operations, repeated: true }))
}

fn bounds(record: &ExecutionRecord) -> TxResult<()> {
    if record.operations > limits::DURABLE_OPERATIONS_MAX {
        return Err(errors::too_many_operations().into());
    }
    if record.stored_bytes > limits::DURABLE_STORED_BYTES_MAX {
        return Err(errors::too_much_data().into());
    }
    if record.events > limits::DURABLE_EVENTS_MAX {
        return Err(errors::history_too_long().into());
    }
    Ok(())
}

/// Fires the execution's own timers that are due: the function may ask the moment that a wait ends, before the loop has
/// seen it.
fn fire_due(execution: &mut ExecutionTx<'_, '_>) -> TxResult<()> {
    let next = Time::from_unix_ns(execution.now.unix_ns() + 1);
    let due = Prefix::all().below((next,));
    let rows = execution.tx.scan_keys(&DURABLE_TIMERS, due, limits::DURABLE_TIMERS_AT_ONCE)?;
    for (due, id, operation) in rows {
        if id == execution.id && operation != OWN && execution.is_running() {
            timers::fire_operation(execution, due, &operation)?;
        }
    }
    Ok(())
}

/// What the function has to see: what it did itself, and what happened without it as far as one answer carries.
fn changes(
    execution: &mut ExecutionTx<'_, '_>,
    mut touched: BTreeSet<String>,
) -> TxResult<Vec<Shown>> {
    let id = execution.id;
    let most = limits::DURABLE_OPERATIONS_MAX as usize;
    let rows = execution.tx.scan_keys(&DURABLE_CHANGES, Prefix::of((id,)), most)?;
    let changed: Vec<String> = rows.into_iter().map(|(_, operation)| operation).collect();
    let mut operations = Vec::new();
    let mut bytes = 0;
    for operation in changed {
        let Some(record) = execution.operation(&operation)? else { continue };
        let shown = Shown::read(execution.tx, id, operation.clone(), record)?;
        bytes += shown.bytes();
        if bytes > limits::DURABLE_PAGE_BYTES && !operations.is_empty() {
            break;
        }
        touched.remove(&operation);
        execution.tx.delete(&DURABLE_CHANGES, &(id, operation))?;
        operations.push(shown);
    }
    for operation in touched {
        if let Some(record) = execution.operation(&operation)? {
            operations.push(Shown::read(execution.tx, id, operation, record)?);
        }
    }
    operations.sort_by_key(|shown| shown.record.sequence);
    Ok(operations)
}

fn one(
    execution: &mut ExecutionTx<'_, '_>,
    prepared: &Prepared,
    before: Option<(w::OperationType, w::OperationAction)>,
) -> TxResult<()> {
    let update = &prepared.update;
    let current = match update.r#type {
        w::OperationType::Execution => None,
        _ => execution.operation(&update.id)?,
    };
    let parent = match &update.parent_id {
        Some(parent) => execution.operation(parent)?.map(|parent| parent.kind),
        None => None,
    };
    validate::update(update, current.as_ref(), before, parent)?;
    let mut record = match &current {
        Some(current) => current.clone(),
        None if update.r#type == w::OperationType::Execution => {
            return end(execution, prepared);
        }
        None => begin(execution, update),
    };
    match update.r#type {
        w::OperationType::Step => step(execution, prepared, &mut record)?,
        w::OperationType::Context => context(execution, prepared, &mut record)?,
        w::OperationType::Wait => wait(execution, prepared, &mut record)?,
        w::OperationType::Callback => callback(execution, prepared, &mut record)?,
        w::OperationType::ChainedInvoke => chained(execution, prepared, &mut record)?,
        w::OperationType::Execution => unreachable!("it has returned"),
    }
    execution.put_operation(&update.id, current.as_ref(), &record)
}

fn begin(execution: &mut ExecutionTx<'_, '_>, update: &w::OperationUpdate) -> OperationRecord {
    execution.record.operations += 1;
    OperationRecord {
        sequence: execution.record.operations,
        parent: update.parent_id.clone(),
        name: update.name.clone(),
        kind: update.r#type,
        sub_type: update.sub_type.clone(),
        status: w::OperationStatus::Started,
        started_ms: execution.now.unix_ms(),
        ended_ms: None,
        attempt: 0,
        due_ns: None,
        outcome: None,
        replay_children: false,
        callback: None,
    }
}

fn end(execution: &mut ExecutionTx<'_, '_>, prepared: &Prepared) -> TxResult<()> {
    let what = match prepared.update.action {
        Succeed => What::ExecutionSucceeded { result: prepared.text.clone() },
        _ => What::ExecutionFailed { error: error_record(prepared.update.error.clone()) },
    };
    execution.end(what, prepared.for_parent.clone())
}

/// The operation ends by the function's own word.
fn close(record: &mut OperationRecord, status: w::OperationStatus, now: Time) {
    record.status = status;
    record.ended_ms = Some(now.unix_ms());
}

fn step(
    execution: &mut ExecutionTx<'_, '_>,
    prepared: &Prepared,
    record: &mut OperationRecord,
) -> TxResult<()> {
    let (update, now) = (&prepared.update, execution.now);
    if update.action == Start {
        record.status = w::OperationStatus::Started;
        execution.event(Some((&update.id, record)), What::StepStarted)?;
        return Ok(());
    }
    record.attempt += 1;
    let attempt = record.attempt;
    let mut delay_s = None;
    if update.action == Retry {
        let options = update.step_options.as_ref();
        let seconds = options.and_then(|options| options.next_attempt_delay_seconds).unwrap_or(0);
        let seconds = u64::from(seconds.unsigned_abs());
        delay_s = Some(seconds);
        record.status = w::OperationStatus::Pending;
        let due = now + Duration::from_secs(seconds);
        execution.set_timer(&update.id, record, Some(due))?;
    }
    let failed = || error_record(update.error.clone());
    let what = match update.action {
        Retry if update.error.is_none() => {
            What::StepSucceeded { result: prepared.text.clone(), attempt, delay_s }
        }
        Retry => What::StepFailed { error: failed(), attempt, delay_s },
        Fail => {
            close(record, w::OperationStatus::Failed, now);
            What::StepFailed { error: failed(), attempt, delay_s }
        }
        _ => {
            close(record, w::OperationStatus::Succeeded, now);
            What::StepSucceeded { result: prepared.text.clone(), attempt, delay_s }
        }
    };
    record.outcome = Some(execution.event(Some((&update.id, record)), what)?);
    Ok(())
}

fn context(
    execution: &mut ExecutionTx<'_, '_>,
    prepared: &Prepared,
    record: &mut OperationRecord,
) -> TxResult<()> {
    let update = &prepared.update;
    let what = match update.action {
        Start => {
            execution.event(Some((&update.id, record)), What::ContextStarted)?;
            return Ok(());
        }
        Fail => {
            close(record, w::OperationStatus::Failed, execution.now);
            What::ContextFailed { error: error_record(update.error.clone()) }
        }
        _ => {
            close(record, w::OperationStatus::Succeeded, execution.now);
            What::ContextSucceeded { result: prepared.text.clone() }
        }
    };
    let options = update.context_options.as_ref();
    record.replay_children = options.and_then(|options| options.replay_children) == Some(true);
    record.outcome = Some(execution.event(Some((&update.id, record)), what)?);
    Ok(())
}

fn wait(
    execution: &mut ExecutionTx<'_, '_>,
    prepared: &Prepared,
    record: &mut OperationRecord,
) -> TxResult<()> {
    let update = &prepared.update;
    if update.action == Cancel {
        execution.set_timer(&update.id, record, None)?;
        close(record, w::OperationStatus::Cancelled, execution.now);
        execution.event(Some((&update.id, record)), What::WaitCancelled)?;
        return Ok(());
    }
    let seconds = update.wait_options.as_ref().and_then(|options| options.wait_seconds);
    let duration_s = u64::from(seconds.unwrap_or(0).unsigned_abs());
    let end = execution.now + Duration::from_secs(duration_s);
    execution.set_timer(&update.id, record, Some(end))?;
    let what = What::WaitStarted { duration_s, end_ms: end.unix_ms() };
    execution.event(Some((&update.id, record)), what)?;
    Ok(())
}

fn callback(
    execution: &mut ExecutionTx<'_, '_>,
    prepared: &Prepared,
    record: &mut OperationRecord,
) -> TxResult<()> {
    let update = &prepared.update;
    let options = update.callback_options.clone().unwrap_or_default();
    // Zero means none.
    let given = |seconds: Option<i32>| {
        seconds.map(|seconds| u64::from(seconds.unsigned_abs())).filter(|seconds| *seconds > 0)
    };
    let timeout_s = given(options.timeout_seconds);
    let heartbeat_s = given(options.heartbeat_timeout_seconds);
    let id = prepared.callback_id.clone().unwrap_or_default();
    let deadline = timeout_s.map(|seconds| execution.now + Duration::from_secs(seconds));
    let deadline_ns = deadline.map(Time::unix_ns);
    record.callback = Some(CallbackRecord { id: id.clone(), deadline_ns, heartbeat_s });
    let due = timers::callback_due(record, execution.now);
    execution.set_timer(&update.id, record, due)?;
    let what = What::CallbackStarted { id, timeout_s, heartbeat_s };
    execution.event(Some((&update.id, record)), what)?;
    Ok(())
}

fn chained(
    execution: &mut ExecutionTx<'_, '_>,
    prepared: &Prepared,
    record: &mut OperationRecord,
) -> TxResult<()> {
    let (update, now) = (&prepared.update, execution.now);
    let options = update.chained_invoke_options.clone().unwrap_or_default();
    let (version, child, refused) = match &prepared.chained {
        Some(Chained::Function(version)) => (Some(version.clone()), None, None),
        Some(Chained::Execution(new, arn)) => {
            (Some(new.record.version.clone()), Some(arn.clone()), None)
        }
        Some(Chained::Refused(error)) => (None, None, Some(error.clone())),
        None => (None, None, Some(ErrorRecord::default())),
    };
    // A target that is refused gets no input.
    let input = prepared.text.clone().filter(|_| refused.is_none());
    let what = What::ChainedInvokeStarted {
        function: options.function_name,
        input,
        version,
        child,
        tenant: options.tenant_id,
    };
    record.outcome = Some(execution.event(Some((&update.id, record)), what)?);
    if let Some(error) = refused {
        close(record, w::OperationStatus::Failed, now);
        let what = What::ChainedInvokeFailed { error };
        record.outcome = Some(execution.event(Some((&update.id, record)), what)?);
        return Ok(());
    }
    match &prepared.chained {
        Some(Chained::Execution(new, _)) => {
            start::insert(execution.tx, (**new).clone(), now)?;
        }
        _ => {
            let row = (now, execution.id, update.id.clone());
            execution.tx.put(&DURABLE_WORK, &row, &WorkRecord { throttles: 0 })?;
        }
    }
    Ok(())
}
