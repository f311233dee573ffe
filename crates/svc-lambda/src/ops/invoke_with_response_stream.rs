//! `InvokeWithResponseStream`: run a function and pass its answer on as it comes.
//!
//! The answer's head goes out when the runtime begins to stream, or when all is over: what fails from then on stands in
//! the last event, `InvokeComplete`.

use crate::invocation::{Event, Execution};
use crate::model::name::FunctionName;
use crate::model::payload::{self, Kind};
use crate::ops::invoke::ready_target;
use crate::response_stream::{Beginning, Part, execute_streaming};
use crate::{Lambda, Result, errors, limits};
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
        return Err(errors::not_built("Response streaming of a durable function"));
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
                    complete(execution.error_type.clone(), &execution, tail)
                }
            })
        })),
        Beginning::Whole(execution) => EventStream::new(whole(execution, tail)),
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

/// The events of an execution that did not stream.
fn whole(execution: Execution, tail: bool) -> impl stream::Stream<Item = Result<StreamEvent>> {
    // A failure stands in the last event alone.
    let failed = execution.error_type.is_some();
    let code = failed.then(|| "Unhandled".to_string());
    let last = complete(code, &execution, tail);
    let mut payload = if failed { Bytes::new() } else { execution.payload };
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
fn complete(error_code: Option<String>, execution: &Execution, tail: bool) -> StreamEvent {
    let details = || String::from_utf8_lossy(&execution.payload).into_owned();
    StreamEvent::InvokeComplete(w::InvokeWithResponseStreamCompleteEvent {
        error_details: error_code.is_some().then(details),
        error_code,
        log_result: tail.then(|| STANDARD.encode(&execution.log_tail)),
    })
}
