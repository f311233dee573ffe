//! Chained invokes: functions that run on behalf of an execution, as its execution role.

use crate::durable::checkpoint::Chained;
use crate::durable::errors;
use crate::durable::execution::ExecutionTx;
use crate::durable::identity::ExecutionName;
use crate::durable::start::{self, Start};
use crate::durable::tables::{
    DURABLE_EVENTS, DURABLE_EXECUTIONS, DURABLE_OPERATIONS, DURABLE_WORK, ErrorRecord,
    ExecutionRecord, ParentRecord, TextRecord, What, WorkRecord,
};
use crate::durable::timers::Row;
use crate::durable::{invocation, output, text};
use crate::failure::Failure;
use crate::invocation::{Event, Execution, execute};
use crate::model::name::FunctionName;
use crate::ops::invoke::ready_target;
use crate::outcome::check_role_may_invoke;
use crate::{Lambda, Result, limits};
use base::RequestId;
use bytes::Bytes;
use seams::CallCx;
use std::sync::Arc;
use store::Tx;
use wire_lambda as w;

/// The function that an update names. Errors: it is of another account or region.
pub fn target(cx: &CallCx, execution: &ExecutionName, text: &str) -> Result<FunctionName> {
    let cx = CallCx { account: execution.account, region: execution.region.clone(), ..cx.clone() };
    let name = FunctionName::parse(&cx, text, None).map_err(|_| errors::chained_region())?;
    if name.account != execution.account {
        return Err(errors::chained_account());
    }
    Ok(name)
}

/// Looks the target up: what is wrong with it the function hears in the answer to its checkpoint.
pub async fn prepare(
    lambda: &Arc<Lambda>,
    execution: &ExecutionName,
    record: &ExecutionRecord,
    update: &w::OperationUpdate,
    name: &FunctionName,
) -> Result<Chained> {
    match look_up(lambda, execution, record, update, name).await {
        Ok(chained) => Ok(chained),
        Err(error) if error.internal_cause().is_some() => Err(error),
        Err(error) => Ok(Chained::Refused(error_record(&error))),
    }
}

async fn look_up(
    lambda: &Arc<Lambda>,
    execution: &ExecutionName,
    record: &ExecutionRecord,
    update: &w::OperationUpdate,
    name: &FunctionName,
) -> Result<Chained> {
    let own = execution.target();
    let role = ready_target(lambda, &own).await?.record.configuration.role.clone();
    check_role_may_invoke(lambda, &own, &role, name).await?;
    let options = update.chained_invoke_options.as_ref();
    let tenant = options.and_then(|options| options.tenant_id.as_deref());
    let target = ready_target(lambda, name).await?.of_tenant(tenant)?;
    if target.record.configuration.durable.is_none() {
        return Ok(Chained::Function(target.version.clone()));
    }
    if name.qualifier.is_none() {
        return Err(errors::unqualified());
    }
    let parent = ParentRecord { execution: execution.id.to_string(), operation: update.id.clone() };
    let input = update.payload.clone().unwrap_or_else(|| "{}".to_string());
    let start = Start {
        function: name,
        target: &target,
        name: None,
        input: input.into(),
        client_context: None,
        hops: record.hops.saturating_add(1),
        tenant: tenant.map(str::to_string),
        asynchronous: false,
        parent: Some(parent),
    };
    let new = start::prepare(lambda, start).await?;
    let arn = ExecutionName::of(&new.record, new.id)?.arn();
    Ok(Chained::Execution(Box::new(new), arn))
}

/// A chained invoke that is to be done.
struct Task {
    record: ExecutionRecord,
    function: String,
    input: Option<TextRecord>,
    tenant: Option<String>,
}

/// Runs the function of the work `row` and gives its answer to the operation.
pub async fn run(lambda: &Arc<Lambda>, row: Row) -> Result<()> {
    let Some(task) = read(lambda, &row).await? else {
        return done(lambda, row, None).await.map(|_| ());
    };
    let name = ExecutionName::of(&task.record, row.1)?;
    let executed = call(lambda, &name, &task).await;
    lambda.log_writer.flush().await;
    let what = match executed {
        Ok(execution) => outcome(lambda, &execution).await?,
        Err(error) if error.is("ResourceNotFoundException") => {
            What::ChainedInvokeFailed { error: error_record(&error) }
        }
        Err(error) => {
            tracing::debug!(%error, execution = %row.1, "a chained invoke waits for an environment");
            return postpone(lambda, row).await;
        }
    };
    let kept = what.text().cloned();
    let used = done(lambda, row, Some(what)).await;
    if let (false, Some(text)) = (matches!(used, Ok(true)), kept) {
        text::remove(lambda, &text).await?;
    }
    used.map(|_| ())
}

fn error_record(error: &wire::Error) -> ErrorRecord {
    ErrorRecord::of(&error.code(&w::SERVICE, wire::Protocol::RestJson), error.message())
}

async fn read(lambda: &Lambda, row: &Row) -> Result<Option<Task>> {
    let (_, id, operation) = row.clone();
    let read = lambda.deps.store.view(|view| {
        let Some(record) = view.get(&DURABLE_EXECUTIONS, &id)? else { return Ok(None) };
        let running = record.status == w::ExecutionStatus::Running;
        let operation = view.get(&DURABLE_OPERATIONS, &(id, operation))?;
        let Some(operation) = operation.filter(|one| running && one.is_pending()) else {
            return Ok(None);
        };
        let Some(number) = operation.outcome else { return Ok(None) };
        let event = view.get(&DURABLE_EVENTS, &(id, number))?;
        Ok::<_, Failure>(event.and_then(|event| match event.what {
            What::ChainedInvokeStarted { function, input, tenant, .. } => {
                Some(Task { record, function, input, tenant })
            }
            _ => None,
        }))
    });
    Ok(read.await?)
}

async fn call(lambda: &Arc<Lambda>, name: &ExecutionName, task: &Task) -> Result<Execution> {
    let here = name.target();
    let parsed = FunctionName::parse_in(here.account, &here.region, &task.function);
    let target = ready_target(lambda, &parsed).await?.of_tenant(task.tenant.as_deref())?;
    let payload = text::load_some(lambda, task.input.as_ref()).await?;
    let event = Event {
        trace: None,
        request_id: RequestId::new(&*lambda.deps.entropy),
        invoked_function_arn: parsed.arn(),
        payload: payload.map_or(Bytes::from_static(b"{}"), Bytes::from),
        client_context: None,
    };
    execute(lambda, target, event).await
}

async fn outcome(lambda: &Lambda, execution: &Execution) -> Result<What> {
    let failed = |error| Ok(What::ChainedInvokeFailed { error });
    if execution.error_type.is_some() {
        return failed(output::function_error(&execution.payload));
    }
    let message = |message: String| ErrorRecord { message: Some(message), ..Default::default() };
    if execution.payload.len() > limits::DURABLE_CHAINED_BYTES_MAX {
        let max = limits::DURABLE_CHAINED_BYTES_MAX;
        return failed(message(format!(
            "CHAINED_INVOKE output payload size must be less than or equal to {max} bytes."
        )));
    }
    match String::from_utf8(execution.payload.to_vec()) {
        Ok(text) => {
            Ok(What::ChainedInvokeSucceeded { result: Some(text::keep(lambda, text).await?) })
        }
        Err(_) => failed(message("CHAINED_INVOKE response could not be decoded as UTF-8.".into())),
    }
}

/// Removes the work; with `what` the operation ends. Whether it did.
async fn done(lambda: &Lambda, row: Row, what: Option<What>) -> Result<bool> {
    let now = lambda.deps.clock.now();
    let done = move |tx: &mut Tx<'_>| {
        tx.delete(&DURABLE_WORK, &row)?;
        let Some(what) = what.clone() else { return Ok::<_, Failure>(false) };
        let Some(mut execution) = ExecutionTx::open(tx, row.1, now)? else { return Ok(false) };
        let status = match what {
            What::ChainedInvokeSucceeded { .. } => w::OperationStatus::Succeeded,
            _ => w::OperationStatus::Failed,
        };
        let settled = execution.settle(&row.2, status, what)?;
        execution.close()?;
        Ok(settled)
    };
    Ok(lambda.deps.store.transact(done).await?)
}

async fn postpone(lambda: &Lambda, row: Row) -> Result<()> {
    let now = lambda.deps.clock.now();
    let postpone = move |tx: &mut Tx<'_>| {
        let Some(work) = tx.get(&DURABLE_WORK, &row)? else { return Ok::<_, Failure>(()) };
        tx.delete(&DURABLE_WORK, &row)?;
        let due = now + invocation::backoff(work.throttles);
        let record = WorkRecord { throttles: work.throttles.saturating_add(1) };
        Ok(tx.put(&DURABLE_WORK, &(due, row.1, row.2.clone()), &record)?)
    };
    Ok(lambda.deps.store.transact(postpone).await?)
}
