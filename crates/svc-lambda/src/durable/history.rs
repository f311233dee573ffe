//! The history as the API shows it.

use crate::durable::tables::{ErrorRecord, EventRecord, What};
use base::Time;
use serde_json::{Map, Value, json};
use wire_lambda as w;

/// An error as the API has it.
pub fn error_to_wire(error: &ErrorRecord) -> w::ErrorObject {
    w::ErrorObject {
        error_message: error.message.clone(),
        error_type: error.kind.clone(),
        error_data: error.data.clone(),
        stack_trace: error.stack.clone(),
    }
}

/// An error as it is stored.
pub fn error_record(error: Option<w::ErrorObject>) -> ErrorRecord {
    let error = error.unwrap_or_default();
    ErrorRecord {
        message: error.error_message,
        kind: error.error_type,
        data: error.error_data,
        stack: error.stack_trace,
    }
}

/// An error as the JSON object that functions read.
pub fn error_json(error: &w::ErrorObject) -> Value {
    let mut out = Map::new();
    let members = [
        ("ErrorMessage", &error.error_message),
        ("ErrorType", &error.error_type),
        ("ErrorData", &error.error_data),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            out.insert(name.to_string(), json!(value));
        }
    }
    if let Some(stack) = &error.stack_trace {
        out.insert("StackTrace".to_string(), json!(stack));
    }
    Value::Object(out)
}

/// Whether the payload of `what` is a chained invoke's input.
pub fn is_start_of_chained(what: &What) -> bool {
    matches!(what, What::ChainedInvokeStarted { .. })
}

/// The event `number`. `text` is its payload, where there is one and the caller wants it; without `data` errors are left
/// out too.
pub fn to_wire(number: u64, event: &EventRecord, text: Option<String>, data: bool) -> w::Event {
    let operation = event.operation.as_ref();
    let mut shown = w::Event {
        event_id: i32::try_from(number).ok(),
        event_timestamp: Some(Time::from_unix_ms(event.at_ms).into()),
        id: operation.map(|operation| operation.id.clone()),
        name: operation.and_then(|operation| operation.name.clone()),
        sub_type: operation.and_then(|operation| operation.sub_type.clone()),
        parent_id: operation.and_then(|operation| operation.parent.clone()),
        ..Default::default()
    };
    fill(&mut shown, &event.what, text, data);
    shown
}

fn seconds(value: u64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn event_error(error: &ErrorRecord, data: bool) -> w::EventError {
    w::EventError { payload: data.then(|| error_to_wire(error)), truncated: Some(!data) }
}

fn retry(attempt: u32, delay_s: Option<u64>) -> w::RetryDetails {
    w::RetryDetails {
        current_attempt: i32::try_from(attempt).ok(),
        next_attempt_delay_seconds: delay_s.map(seconds),
    }
}

fn fill(shown: &mut w::Event, what: &What, text: Option<String>, data: bool) {
    let result = || w::EventResult { payload: text.clone(), truncated: Some(!data) };
    let input = || w::EventInput { payload: text.clone(), truncated: Some(!data) };
    let failed = |error| event_error(error, data);
    macro_rules! set {
        ($kind:ident, $member:ident, $details:expr) => {{
            shown.event_type = Some(w::EventType::$kind);
            shown.$member = Some($details);
        }};
    }
    match what {
        What::ExecutionStarted { timeout_s, .. } => {
            let execution_timeout = seconds(*timeout_s);
            set!(
                ExecutionStarted,
                execution_started_details,
                w::ExecutionStartedDetails { input: input(), execution_timeout }
            );
        }
        What::ExecutionSucceeded { .. } => set!(
            ExecutionSucceeded,
            execution_succeeded_details,
            w::ExecutionSucceededDetails { result: result() }
        ),
        What::ExecutionFailed { error } => set!(
            ExecutionFailed,
            execution_failed_details,
            w::ExecutionFailedDetails { error: failed(error) }
        ),
        What::ExecutionTimedOut { error } => set!(
            ExecutionTimedOut,
            execution_timed_out_details,
            w::ExecutionTimedOutDetails { error: Some(failed(error)) }
        ),
        What::ExecutionStopped { error } => set!(
            ExecutionStopped,
            execution_stopped_details,
            w::ExecutionStoppedDetails { error: failed(error) }
        ),
        What::ContextStarted => {
            set!(ContextStarted, context_started_details, w::ContextStartedDetails {});
        }
        What::ContextSucceeded { .. } => set!(
            ContextSucceeded,
            context_succeeded_details,
            w::ContextSucceededDetails { result: result() }
        ),
        What::ContextFailed { error } => set!(
            ContextFailed,
            context_failed_details,
            w::ContextFailedDetails { error: failed(error) }
        ),
        What::WaitStarted { duration_s, end_ms } => set!(
            WaitStarted,
            wait_started_details,
            w::WaitStartedDetails {
                duration: seconds(*duration_s),
                scheduled_end_timestamp: Time::from_unix_ms(*end_ms).into(),
            }
        ),
        What::WaitSucceeded { duration_s } => set!(
            WaitSucceeded,
            wait_succeeded_details,
            w::WaitSucceededDetails { duration: Some(seconds(*duration_s)) }
        ),
        What::WaitCancelled => {
            set!(WaitCancelled, wait_cancelled_details, w::WaitCancelledDetails { error: None });
        }
        What::StepStarted => set!(StepStarted, step_started_details, w::StepStartedDetails {}),
        What::StepSucceeded { attempt, delay_s, .. } => set!(
            StepSucceeded,
            step_succeeded_details,
            w::StepSucceededDetails { result: result(), retry_details: retry(*attempt, *delay_s) }
        ),
        What::StepFailed { error, attempt, delay_s } => set!(
            StepFailed,
            step_failed_details,
            w::StepFailedDetails { error: failed(error), retry_details: retry(*attempt, *delay_s) }
        ),
        What::InvocationCompleted { started_ms, request_id, error } => set!(
            InvocationCompleted,
            invocation_completed_details,
            w::InvocationCompletedDetails {
                start_timestamp: Time::from_unix_ms(*started_ms).into(),
                end_timestamp: shown.event_timestamp.unwrap_or_default(),
                request_id: request_id.clone(),
                error: error.as_ref().map(failed),
            }
        ),
        _ => fill_waiting(shown, what, text, data),
    }
}

/// Callbacks and chained invokes.
fn fill_waiting(shown: &mut w::Event, what: &What, text: Option<String>, data: bool) {
    let result = || w::EventResult { payload: text.clone(), truncated: Some(!data) };
    let failed = |error| event_error(error, data);
    macro_rules! set {
        ($kind:ident, $member:ident, $details:expr) => {{
            shown.event_type = Some(w::EventType::$kind);
            shown.$member = Some($details);
        }};
    }
    match what {
        What::CallbackStarted { id, timeout_s, heartbeat_s } => set!(
            CallbackStarted,
            callback_started_details,
            w::CallbackStartedDetails {
                callback_id: id.clone(),
                heartbeat_timeout: heartbeat_s.map(seconds),
                timeout: timeout_s.map(seconds),
            }
        ),
        What::CallbackSucceeded { .. } => set!(
            CallbackSucceeded,
            callback_succeeded_details,
            w::CallbackSucceededDetails { result: result() }
        ),
        What::CallbackFailed { error } => set!(
            CallbackFailed,
            callback_failed_details,
            w::CallbackFailedDetails { error: failed(error) }
        ),
        What::CallbackTimedOut { error } => set!(
            CallbackTimedOut,
            callback_timed_out_details,
            w::CallbackTimedOutDetails { error: failed(error) }
        ),
        What::ChainedInvokeStarted { function, input, version, child } => {
            let given = || w::EventInput { payload: text.clone(), truncated: Some(!data) };
            set!(
                ChainedInvokeStarted,
                chained_invoke_started_details,
                w::ChainedInvokeStartedDetails {
                    function_name: function.clone(),
                    tenant_id: None,
                    input: input.as_ref().map(|_| given()),
                    executed_version: version.clone(),
                    durable_execution_arn: child.clone(),
                }
            );
        }
        What::ChainedInvokeSucceeded { .. } => set!(
            ChainedInvokeSucceeded,
            chained_invoke_succeeded_details,
            w::ChainedInvokeSucceededDetails { result: result() }
        ),
        What::ChainedInvokeFailed { error } => set!(
            ChainedInvokeFailed,
            chained_invoke_failed_details,
            w::ChainedInvokeFailedDetails { error: failed(error) }
        ),
        What::ChainedInvokeTimedOut { error } => set!(
            ChainedInvokeTimedOut,
            chained_invoke_timed_out_details,
            w::ChainedInvokeTimedOutDetails { error: failed(error) }
        ),
        What::ChainedInvokeStopped { error } => set!(
            ChainedInvokeStopped,
            chained_invoke_stopped_details,
            w::ChainedInvokeStoppedDetails { error: failed(error) }
        ),
        _ => unreachable!("the others are filled in before"),
    }
}
