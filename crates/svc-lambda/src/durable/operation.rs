//! Operations as functions and the API see them.

use crate::durable::execution::OWN_OPERATION;
use crate::durable::history::{self, error_json};
use crate::durable::tables::{DURABLE_EVENTS, EventRecord, OperationRecord};
use crate::durable::text;
use crate::ops::rows::TxResult;
use crate::{Lambda, Result};
use base::{RequestId, Time};
use serde_json::{Value, json};
use store::View;
use wire_lambda as w;

/// An operation and what it has come to, before its payload is fetched.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The operation's id.
    pub id: String,
    /// The operation.
    pub record: OperationRecord,
    /// The event that carries its result, its error or its input.
    pub outcome: Option<EventRecord>,
}

impl Shown {
    /// `record` with its event.
    pub fn read(
        view: &View<'_>,
        execution: RequestId,
        id: String,
        record: OperationRecord,
    ) -> TxResult<Self> {
        let outcome = match record.outcome {
            Some(number) => view.get(&DURABLE_EVENTS, &(execution, number))?,
            None => None,
        };
        let id = if id == OWN_OPERATION { execution.to_string() } else { id };
        Ok(Shown { id, record, outcome })
    }

    /// About how large it is in an answer.
    pub fn bytes(&self) -> u64 {
        let outcome = self.outcome.as_ref().map_or(0, |event| event.what.bytes());
        outcome + 256
    }

    /// As the API shows it.
    pub async fn to_wire(&self, lambda: &Lambda) -> Result<w::Operation> {
        let record = &self.record;
        let what = self.outcome.as_ref().map(|event| &event.what);
        // What a chained invoke began with is no result.
        let what = what.filter(|what| !history::is_start_of_chained(what));
        let result = text::load_some(lambda, what.and_then(|what| what.text())).await?;
        let error = what.and_then(|what| what.error()).map(history::error_to_wire);
        let mut shown = w::Operation {
            id: self.id.clone(),
            parent_id: record.parent.clone(),
            name: record.name.clone(),
            r#type: record.kind,
            sub_type: record.sub_type.clone(),
            start_timestamp: Time::from_unix_ms(record.started_ms).into(),
            end_timestamp: record.ended_ms.map(|ms| Time::from_unix_ms(ms).into()),
            status: record.status,
            ..Default::default()
        };
        match record.kind {
            w::OperationType::Execution => {
                shown.execution_details = Some(w::ExecutionDetails { input_payload: result });
            }
            w::OperationType::Context if record.has_ended() => {
                let replay_children = record.replay_children.then_some(true);
                shown.context_details = Some(w::ContextDetails { replay_children, result, error });
            }
            w::OperationType::Context => {}
            w::OperationType::Step => {
                let pending = record.status == w::OperationStatus::Pending;
                let next = record.due_ns.filter(|_| pending).map(Time::from_unix_ns);
                shown.step_details = Some(w::StepDetails {
                    attempt: i32::try_from(record.attempt).ok(),
                    next_attempt_timestamp: next.map(Into::into),
                    result,
                    error,
                });
            }
            w::OperationType::Wait => {
                let end = record.due_ns.map(|ns| Time::from_unix_ns(ns).into());
                let end = end.or(shown.end_timestamp);
                shown.wait_details = Some(w::WaitDetails { scheduled_end_timestamp: end });
            }
            w::OperationType::Callback => {
                let callback_id = record.callback.as_ref().map(|callback| callback.id.clone());
                shown.callback_details = Some(w::CallbackDetails { callback_id, result, error });
            }
            w::OperationType::ChainedInvoke => {
                shown.chained_invoke_details = Some(w::ChainedInvokeDetails { result, error });
            }
        }
        Ok(shown)
    }
}

/// As the function gets it with its invocation: the API's form, but times are milliseconds since the epoch, as the SDKs
/// read them there.
pub fn to_event(operation: &w::Operation) -> Value {
    let mut out = json!({
        "Id": operation.id,
        "Type": operation.r#type.as_str(),
        "StartTimestamp": unix_ms(operation.start_timestamp),
        "Status": operation.status.as_str(),
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out[name] = value;
        }
    };
    put("ParentId", operation.parent_id.clone().map(Value::String));
    put("Name", operation.name.clone().map(Value::String));
    put("SubType", operation.sub_type.clone().map(Value::String));
    put("EndTimestamp", operation.end_timestamp.map(|at| json!(unix_ms(at))));
    put(
        "ExecutionDetails",
        operation.execution_details.as_ref().map(|details| {
            object([("InputPayload", details.input_payload.clone().map(Value::String))])
        }),
    );
    put(
        "ContextDetails",
        operation.context_details.as_ref().map(|details| {
            let replay = details.replay_children.map(Value::Bool);
            outcome(&details.result, &details.error, [("ReplayChildren", replay)])
        }),
    );
    put(
        "StepDetails",
        operation.step_details.as_ref().map(|details| {
            let next = details.next_attempt_timestamp.map(|at| json!(unix_ms(at)));
            let attempt = details.attempt.map(|attempt| json!(attempt));
            let more = [("Attempt", attempt), ("NextAttemptTimestamp", next)];
            outcome(&details.result, &details.error, more)
        }),
    );
    put(
        "WaitDetails",
        operation.wait_details.as_ref().map(|details| {
            let end = details.scheduled_end_timestamp.map(|at| json!(unix_ms(at)));
            object([("ScheduledEndTimestamp", end)])
        }),
    );
    put(
        "CallbackDetails",
        operation.callback_details.as_ref().map(|details| {
            let id = details.callback_id.clone().map(Value::String);
            outcome(&details.result, &details.error, [("CallbackId", id)])
        }),
    );
    put(
        "ChainedInvokeDetails",
        operation
            .chained_invoke_details
            .as_ref()
            .map(|details| outcome(&details.result, &details.error, [])),
    );
    out
}

fn unix_ms(at: wire::Timestamp) -> i64 {
    at.seconds() * 1_000 + i64::from(at.subsec_nanoseconds() / 1_000_000)
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let given = members.into_iter().filter_map(|(name, value)| Some((name.to_string(), value?)));
    Value::Object(given.collect())
}

fn outcome<const N: usize>(
    result: &Option<String>,
    error: &Option<w::ErrorObject>,
    more: [(&str, Option<Value>); N],
) -> Value {
    let mut out = object(more);
    if let Some(result) = result {
        out["Result"] = Value::String(result.clone());
    }
    if let Some(error) = error {
        out["Error"] = error_json(error);
    }
    out
}
