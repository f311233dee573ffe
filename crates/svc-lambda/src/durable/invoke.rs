//! `Invoke` of a durable function: an execution begins, and the caller waits for its end or does not.

use crate::durable::identity::ExecutionName;
use crate::durable::start::{self, Start};
use crate::durable::{errors, invocation, waiting};
use crate::invocation::Execution;
use crate::model::name::FunctionName;
use crate::model::payload::{self, Kind};
use crate::ops::invoke::ready_target;
use crate::{Lambda, Result, limits};
use base::RequestId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::sync::Arc;
use wire_lambda as w;

/// Invokes the durable function that the caller calls `name`; `hops` services and functions stand before it.
pub async fn invoke(
    lambda: &Arc<Lambda>,
    hops: u8,
    name: &FunctionName,
    client_context: Option<String>,
    input: w::InvocationRequest,
) -> Result<w::InvocationResponse> {
    if name.qualifier.is_none() {
        return Err(errors::unqualified());
    }
    let target = &ready_target(lambda, name).await?.of_tenant(input.tenant_id.as_deref())?;
    let kind = input.invocation_type.unwrap_or(w::InvocationType::RequestResponse);
    let synchronous = kind == w::InvocationType::RequestResponse;
    let durable = target.record.configuration.durable.as_ref();
    let timeout_s = durable.map_or(0, |durable| durable.execution_timeout_s.into());
    if synchronous && timeout_s > limits::DURABLE_SYNCHRONOUS_S_MAX {
        return Err(errors::synchronous_too_long());
    }
    target.record.check_invocable()?;
    if kind == w::InvocationType::DryRun {
        return Ok(w::InvocationResponse { status_code: Some(204), ..Default::default() });
    }
    if synchronous {
        // Tells callers of a function that is throttled; the execution's own invocations wait.
        drop(lambda.concurrency.admit(target, false, lambda.deps.clock.monotonic())?);
    }
    let size = if synchronous { Kind::RequestResponse } else { Kind::Event };
    let start = Start {
        function: name,
        target,
        name: input.durable_execution_name,
        input: payload::check(input.payload, size)?,
        client_context: client_context.filter(|_| synchronous),
        hops,
        tenant: input.tenant_id,
        asynchronous: !synchronous,
        parent: None,
    };
    let new = start::prepare(lambda, start).await?;
    let id = start::store(lambda, new).await?;
    let tail = input.log_type == Some(w::LogType::Tail);
    answer(lambda, id, synchronous, tail).await
}

/// Runs an execution of the durable function `name` to its end, for those who hand it events and wait.
pub async fn run(lambda: &Arc<Lambda>, name: &FunctionName, input: Bytes) -> Result<Execution> {
    let request = w::InvocationRequest { payload: Some(input), ..Default::default() };
    let answered = invoke(lambda, 0, name, None, request).await?;
    Ok(Execution {
        version: answered.executed_version.unwrap_or_default(),
        payload: answered.payload.unwrap_or_default(),
        error_type: answered.function_error,
        broken: false,
        log_tail: String::new(),
    })
}

async fn answer(
    lambda: &Arc<Lambda>,
    id: RequestId,
    synchronous: bool,
    tail: bool,
) -> Result<w::InvocationResponse> {
    if !synchronous {
        let arn = waiting::now(lambda, id)?.map(|record| ExecutionName::of(&record, id));
        return Ok(w::InvocationResponse {
            status_code: Some(202),
            durable_execution_arn: arn.transpose()?.map(|name| name.arn()),
            ..Default::default()
        });
    }
    let (record, log_tail) = waiting::ended(lambda, id).await?;
    let (payload, failed) = invocation::answer(lambda, id).await?;
    Ok(w::InvocationResponse {
        status_code: Some(200),
        function_error: failed.then(|| "Unhandled".to_string()),
        log_result: tail.then(|| STANDARD.encode(&log_tail)),
        payload: Some(payload),
        durable_execution_arn: Some(ExecutionName::of(&record, id)?.arn()),
        executed_version: Some(record.version),
    })
}
