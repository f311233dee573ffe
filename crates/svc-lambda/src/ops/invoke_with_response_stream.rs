//! `InvokeWithResponseStream`: run a function and pass its answer on as it comes.
//!
//! The answer's head goes out when the runtime begins to stream, or when all is over: what fails from then on stands in
//! the last event, `InvokeComplete`.

use crate::invocation::Event;
use crate::model::name::FunctionName;
use crate::model::payload::{self, Kind};
use crate::ops::invoke::ready_target;
use crate::response_stream::{Beginning, Part, execute_streaming};
use crate::{Lambda, Result, durable, limits};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use seams::CallCx;
use std::sync::Arc;
use wire::EventStream;
use wire_lambda as w;
use wire_lambda::InvokeWithResponseStreamResponseEvent as StreamEvent;

pub async fn invoke_with_response_stream(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::InvokeWithResponseStreamRequest,
) -> Result<w::InvokeWithResponseStreamResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let client_context = payload::client_context(input.client_context.as_deref())?;
    let target = ready_target(&lambda, &name).await?.of_tenant(input.tenant_id.as_deref())?;
    if target.record.configuration.durable.is_some() {
        return run_durable(&lambda, &cx, &name, client_context, input).await;
    }
    if input.invocation_type == Some(w::ResponseStreamingInvocationType::DryRun) {
        return Ok(w::InvokeWithResponseStreamResponse {
            status_code: Some(204),
            ..Default::default()
        });
    }
    let incoming = cx.trace.incoming.as_deref();
    let trace = crate::recursion::enter_or_refuse(&lambda, incoming, &target.function)?.header;
    let _ = cx.trace.outgoing.set(trace.clone());
    let event = Event {
        trace: Some(trace),
        request_id: cx.request_id,
        invoked_function_arn: name.arn(),
        payload: payload::check(input.payload, Kind::RequestResponse)?,
        client_context,
    };
    let version = target.version.clone();
    let tail = input.log_type == Some(w::LogType::Tail);
    let event_stream = match execute_streaming(&lambda, target, event).await? {
        Beginning::Streamed(streamed) => EventStream::new(streamed.into_parts().map(move |part| {
            Ok(match part {
                Part::Piece(piece) => chunk(piece),
                Part::End(execution) => {
                    let execution = execution?;
                    let log_result = tail.then(|| STANDARD.encode(&execution.log_tail));
                    complete(execution.error_type, &execution.payload, log_result)
                }
            })
        })),
        Beginning::Whole(execution) => {
            let failed = execution.error_type.is_some();
            let log_result = tail.then(|| STANDARD.encode(&execution.log_tail));
            EventStream::new(whole(execution.payload, failed, log_result))
        }
    };
    let status_code = Some(200);
    let executed_version = Some(version);
    Ok(w::InvokeWithResponseStreamResponse {
        status_code,
        executed_version,
        event_stream,
        ..Default::default()
    })
}

/// What a durable function answers is known when its execution has ended, and comes as a whole then: as from any function
/// that does not stream. guess: AWS documents neither this nor a refusal.
async fn run_durable(
    lambda: &Arc<Lambda>,
    cx: &CallCx,
    name: &FunctionName,
    client_context: Option<String>,
    input: w::InvokeWithResponseStreamRequest,
) -> Result<w::InvokeWithResponseStreamResponse> {
    let dry_run = input.invocation_type == Some(w::ResponseStreamingInvocationType::DryRun);
    let request = w::InvocationRequest {
        invocation_type: dry_run.then_some(w::InvocationType::DryRun),
        log_type: input.log_type,
        payload: input.payload,
        tenant_id: input.tenant_id,
        ..Default::default()
    };
    let answered = durable::invoke::invoke(lambda, cx.hops, name, client_context, request).await?;
    let mut response = w::InvokeWithResponseStreamResponse {
        status_code: answered.status_code,
        executed_version: answered.executed_version,
        ..Default::default()
    };
    if !dry_run {
        let failed = answered.function_error.is_some();
        let payload = answered.payload.unwrap_or_default();
        response.event_stream = EventStream::new(whole(payload, failed, answered.log_result));
    }
    Ok(response)
}

/// The events of an execution that did not stream; of one that failed `payload` is the error document.
fn whole(
    mut payload: Bytes,
    failed: bool,
    log_result: Option<String>,
) -> impl stream::Stream<Item = Result<StreamEvent>> {
    let last = complete(failed.then(|| "Unhandled".to_string()), &payload, log_result);
    // A failure stands in the last event alone.
    if failed {
        payload.clear();
    }
    let chunks = std::iter::from_fn(move || {
        let length = payload.len().min(limits::PAYLOAD_CHUNK_BYTES_MAX);
        (length > 0).then(|| chunk(payload.split_to(length)))
    });
    stream::iter(chunks.chain([last]).map(Ok))
}

fn chunk(payload: Bytes) -> StreamEvent {
    StreamEvent::PayloadChunk(w::InvokeResponseStreamUpdate { payload: Some(payload) })
}

/// guess: that the details are the error document; the code of failures in the middle of a stream is their type, as
/// clients report it.
fn complete(
    error_code: Option<String>,
    payload: &Bytes,
    log_result: Option<String>,
) -> StreamEvent {
    let details = || String::from_utf8_lossy(payload).into_owned();
    StreamEvent::InvokeComplete(w::InvokeWithResponseStreamCompleteEvent {
        error_details: error_code.is_some().then(details),
        error_code,
        log_result,
    })
}
