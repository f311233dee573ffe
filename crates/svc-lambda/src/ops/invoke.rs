//! `Invoke`: run a function and answer, or take its event and answer, or only check.

use crate::invocation::{Event, execute};
use crate::model::name::FunctionName;
use crate::model::payload::{self, Kind};
use crate::resolve::Target;
use crate::tables::{ASYNC_EVENTS, AsyncEventRecord, AsyncEventRow, StateRecord};
use crate::{Failure, Lambda, Result, bodies, durable, errors, limits, loops, recursion};
use base::RequestId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use seams::CallCx;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wire_lambda as w;

pub async fn invoke(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::InvocationRequest,
) -> Result<w::InvocationResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let client_context = payload::client_context(input.client_context.as_deref())?;
    let target = lambda.resolver.resolve(&name).await?.choose(&*lambda.deps.entropy)?;
    if target.record.configuration.durable.is_some() {
        return durable::invoke::invoke(&lambda, cx.hops, &name, client_context, input).await;
    }
    if input.durable_execution_name.is_some() {
        return Err(durable::errors::not_durable());
    }
    let tenant = input.tenant_id.as_deref();
    target.of_tenant(tenant)?;
    let incoming = cx.trace.incoming.as_deref();
    match input.invocation_type.unwrap_or(w::InvocationType::RequestResponse) {
        w::InvocationType::DryRun => {
            ready_target(&lambda, &name).await?;
            Ok(w::InvocationResponse { status_code: Some(204), ..Default::default() })
        }
        w::InvocationType::Event => {
            let payload = payload::check(input.payload, Kind::Event)?;
            let trace = recursion::enter(&lambda, incoming, &name.key()).header;
            let _ = cx.trace.outgoing.set(trace.clone());
            let event = AcceptedEvent {
                payload,
                hops: cx.hops,
                trace: Some(trace),
                tenant: input.tenant_id,
            };
            accept(&lambda, &name, cx.request_id, event).await?;
            Ok(w::InvocationResponse { status_code: Some(202), ..Default::default() })
        }
        w::InvocationType::RequestResponse => {
            let target = ready_target(&lambda, &name).await?.of_tenant(tenant)?;
            let trace = recursion::enter_or_refuse(&lambda, incoming, &target.function)?.header;
            let _ = cx.trace.outgoing.set(trace.clone());
            let event = Event {
                trace: Some(trace),
                request_id: cx.request_id,
                invoked_function_arn: name.arn(),
                payload: payload::check(input.payload, Kind::RequestResponse)?,
                client_context,
            };
            let execution = execute(&lambda, target, event).await?;
            let tail = input.log_type == Some(w::LogType::Tail);
            Ok(w::InvocationResponse {
                status_code: Some(200),
                function_error: execution.error_type.map(|_| "Unhandled".to_string()),
                log_result: tail.then(|| STANDARD.encode(&execution.log_tail)),
                payload: Some(execution.payload),
                executed_version: Some(execution.version),
                ..Default::default()
            })
        }
    }
}

/// The version that an invocation of `name` goes to. One that failed for want of a runtime is tried again once the
/// runtime is there.
pub async fn ready_target(lambda: &Arc<Lambda>, name: &FunctionName) -> Result<Arc<Target>> {
    let entropy = &*lambda.deps.entropy;
    let target = lambda.resolver.resolve(name).await?.choose(entropy)?;
    let StateRecord::Failed(reason) = &target.record.state else { return Ok(target) };
    let runtime = &target.record.configuration.runtime;
    let revived = reason.code == loops::function_reconcile::INVALID_RUNTIME
        && lambda.deps.engine.check_runtime(runtime).is_ok();
    if !revived {
        return Ok(target);
    }
    loops::function_reconcile::settle(lambda, &target.function, &target.version).await?;
    lambda.resolver.resolve(name).await?.choose(entropy)
}

/// An asynchronous event before it has a row. It has no client context: AWS's API reference of Invoke gives functions that
/// of synchronous invocations only.
pub struct AcceptedEvent {
    /// A JSON document.
    pub payload: Bytes,
    /// How many services and functions stand before it.
    pub hops: u8,
    /// The trace header of its invocation, where it belongs to a trace.
    pub trace: Option<String>,
    /// The tenant, where the function keeps tenants apart.
    pub tenant: Option<String>,
}

/// Makes the event durable; a loop runs the function for it.
pub async fn accept(
    lambda: &Lambda,
    name: &FunctionName,
    request_id: RequestId,
    event: AcceptedEvent,
) -> Result<()> {
    let (row, record) = prepare(lambda, name, request_id, event).await?;
    let due = row.3;
    let put =
        move |tx: &mut store::Tx<'_>| Ok::<_, Failure>(tx.put(&ASYNC_EVENTS, &row, &record)?);
    lambda.deps.store.transact(put).await?;
    lambda.events.add(&name.key(), due, lambda.deps.clock.now());
    lambda.async_waiting.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// The row of an event that is due at once; its payload is kept if it is too large for a row.
pub async fn prepare(
    lambda: &Lambda,
    name: &FunctionName,
    request_id: RequestId,
    event: AcceptedEvent,
) -> Result<(AsyncEventRow, AsyncEventRecord)> {
    if event.hops >= CallCx::HOPS_MAX {
        return Err(errors::recursion(event.hops));
    }
    if lambda.async_waiting.load(Ordering::Relaxed) >= limits::ASYNC_EVENTS_MAX {
        return Err(errors::queue_full());
    }
    let payload = bodies::keep(lambda, request_id, event.payload).await?;
    let now = lambda.deps.clock.now();
    let record = AsyncEventRecord {
        qualifier: name.qualifier.clone(),
        payload,
        accepted_ms: now.unix_ms(),
        attempts: 0,
        throttles: 0,
        hops: event.hops,
        trace: event.trace,
        tenant: event.tenant,
    };
    let (account, region, function) = name.key();
    Ok(((account, region, function, now, request_id), record))
}
