//! The beginning of an execution: rows that make the function run.

use crate::durable::errors;
use crate::durable::execution::{ExecutionTx, OWN, OWN_OPERATION};
use crate::durable::identity::ExecutionName;
use crate::durable::tables::{
    DURABLE_EXECUTIONS, DURABLE_NAMES, DURABLE_STARTS, DURABLE_TIMERS, DURABLE_USAGE,
    ExecutionRecord, NameRecord, OperationRecord, ParentRecord, StartRecord, TextRecord,
    TimerRecord, What,
};
use crate::durable::text;
use crate::model::name::FunctionName;
use crate::ops::rows::TxResult;
use crate::resolve::Target;
use crate::{Lambda, Result, limits};
use base::{RequestId, Time};
use bytes::Bytes;
use seams::CallCx;
use sha2::{Digest, Sha256};
use store::Tx;
use wire_lambda as w;

/// What an execution begins with.
pub struct Start<'a> {
    /// As the caller named the function; with a qualifier.
    pub function: &'a FunctionName,
    /// The version that it stands for.
    pub target: &'a Target,
    /// The caller's name for the execution.
    pub name: Option<String>,
    /// A JSON document.
    pub input: Bytes,
    /// JSON, where the caller sent one.
    pub client_context: Option<String>,
    /// How many services and functions stand before it.
    pub hops: u8,
    /// For which tenant, where the function keeps tenants apart.
    pub tenant: Option<String>,
    /// Whether nobody waits for it: then a failure is told to the function's dead-letter queue.
    pub asynchronous: bool,
    /// The operation of another execution that waits for it.
    pub parent: Option<ParentRecord>,
}

/// An execution before it has rows.
#[derive(Clone, Debug)]
pub struct NewExecution {
    /// Its id.
    pub id: RequestId,
    /// Its row.
    pub record: ExecutionRecord,
    /// What the function gets.
    pub input: TextRecord,
}

/// Prepares an execution of a function that is durable. Error: it stands at the end of too many others.
pub async fn prepare(lambda: &Lambda, start: Start<'_>) -> Result<NewExecution> {
    if start.hops >= CallCx::HOPS_MAX {
        return Err(crate::errors::recursion(start.hops));
    }
    let durable = start.target.record.configuration.durable.clone();
    let durable = durable.ok_or_else(|| crate::errors::internal("a function is not durable"))?;
    let id = RequestId::new(&*lambda.deps.entropy);
    let (account, region, function) = start.target.function.clone();
    let input = String::from_utf8(start.input.to_vec()).map_err(crate::errors::internal)?;
    let record = ExecutionRecord {
        account: account.to_string(),
        region: region.to_string(),
        function,
        version: start.target.version.clone(),
        name: start.name.unwrap_or_else(|| id.to_string()),
        invoked_arn: start.function.arn(),
        input_sha256: Sha256::digest(&input).iter().map(|byte| format!("{byte:02x}")).collect(),
        client_context: start.client_context,
        hops: start.hops,
        tenant: start.tenant,
        asynchronous: start.asynchronous,
        started_ms: 0,
        timeout_s: durable.execution_timeout_s.into(),
        retention_days: durable.retention_days.into(),
        parent: start.parent,
        status: w::ExecutionStatus::Running,
        ended_ms: None,
        outcome: None,
        operations: 0,
        pending: 0,
        events: 0,
        stored_bytes: 0,
        kept_until_ms: 0,
        kept_byte_ms: 0,
        invocation: None,
        token: 0,
        last_checkpoint: None,
        work_ns: None,
        failures: 0,
    };
    let input = text::keep(lambda, input).await?;
    Ok(NewExecution { id, record, input })
}

/// Stores the execution, or finds the one of the same name and input; the id of either.
///
/// Errors: the name belongs to an execution with another input, or too many run.
pub async fn store(lambda: &Lambda, new: NewExecution) -> Result<RequestId> {
    let (now, body) = (lambda.deps.clock.now(), new.input.clone());
    let stored = lambda.deps.store.transact(move |tx| insert(tx, new.clone(), now)).await;
    if !matches!(stored, Ok((_, true))) {
        text::remove(lambda, &body).await?;
    }
    Ok(stored?.0)
}

/// In a transaction: the execution's id, and whether it is the new one.
pub fn insert(tx: &mut Tx<'_>, new: NewExecution, now: Time) -> TxResult<(RequestId, bool)> {
    let NewExecution { id, mut record, input } = new;
    record.started_ms = now.unix_ms();
    let place = ExecutionName::of(&record, id)?;
    let name = (place.account, place.region.clone(), record.function.clone(), record.name.clone());
    if let Some(other) = tx.get(&DURABLE_NAMES, &name)?
        && let Some(other_id) = RequestId::parse(&other.execution)
        && let Some(other) = tx.get(&DURABLE_EXECUTIONS, &other_id)?
    {
        return if other.input_sha256 == record.input_sha256 {
            Ok((other_id, false))
        } else {
            Err(errors::already_started(&record.name).into())
        };
    }
    let account = (place.account, place.region.clone());
    let mut usage = tx.get(&DURABLE_USAGE, &account)?.unwrap_or_default();
    if usage.running >= limits::DURABLE_RUNNING_MAX {
        return Err(crate::errors::queue_full().into());
    }
    usage.running += 1;
    tx.put(&DURABLE_USAGE, &account, &usage)?;
    tx.put(&DURABLE_NAMES, &name, &NameRecord { execution: id.to_string() })?;
    let started = (name.0, name.1, name.2, Time::from_unix_ms(record.started_ms), id);
    tx.put(&DURABLE_STARTS, &started, &StartRecord {})?;
    let timeout_s = record.timeout_s;
    let operation = own_operation(&record);
    let mut execution = ExecutionTx::new(tx, id, record, now);
    let what = What::ExecutionStarted { input, timeout_s };
    let event = execution.event(Some((&id.to_string(), &operation)), what)?;
    let operation = OperationRecord { outcome: Some(event), ..operation };
    execution.put_operation(OWN_OPERATION, None, &operation)?;
    let deadline = (execution.deadline(), id, OWN.to_string());
    execution.tx.put(&DURABLE_TIMERS, &deadline, &TimerRecord {})?;
    execution.set_work(Some(now))?;
    execution.close()?;
    Ok((id, true))
}

/// The operation that is the execution itself.
fn own_operation(record: &ExecutionRecord) -> OperationRecord {
    OperationRecord {
        sequence: 0,
        parent: None,
        name: Some(record.name.clone()),
        kind: w::OperationType::Execution,
        sub_type: None,
        status: w::OperationStatus::Started,
        started_ms: record.started_ms,
        ended_ms: None,
        attempt: 0,
        due_ns: None,
        outcome: None,
        replay_children: false,
        callback: None,
    }
}
