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
    let shows = Shows { text, data };
    if !shows.progress(&mut shown, &event.what) {
        shows.waiting(&mut shown, &event.what);
    }
    shown
}

fn seconds(value: u64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn retry(attempt: u32, delay_s: Option<u64>) -> w::RetryDetails {
    w::RetryDetails {
        current_attempt: i32::try_from(attempt).ok(),
        next_attempt_delay_seconds: delay_s.map(seconds),
    }
}

/// What of an event's data is shown.
struct Shows {
    text: Option<String>,
    data: bool,
}

/// The type of an event and the member that goes with it.
macro_rules! set {
    ($shown:ident, $kind:ident, $member:ident: $details:ident { $($field:ident: $value:expr),* $(,)? }) => {{
        $shown.event_type = Some(w::EventType::$kind);
        $shown.$member = Some(w::$details { $($field: $value),* });
    }};
}

#[rustfmt::skip]
impl Shows {
    fn input(&self) -> w::EventInput {
        w::EventInput { payload: self.text.clone(), truncated: Some(!self.data) }
    }

    fn result(&self) -> w::EventResult {
        w::EventResult { payload: self.text.clone(), truncated: Some(!self.data) }
    }

    fn error(&self, error: &ErrorRecord) -> w::EventError {
        let payload = self.data.then(|| error_to_wire(error));
        w::EventError { payload, truncated: Some(!self.data) }
    }

    /// Executions, their invocations, contexts and steps. Whether it was one of these.
    fn progress(&self, shown: &mut w::Event, what: &What) -> bool {
        match what {
            What::ExecutionStarted { timeout_s, .. } => set!(shown, ExecutionStarted,
                execution_started_details: ExecutionStartedDetails {
                    input: self.input(), execution_timeout: seconds(*timeout_s),
                }),
            What::ExecutionSucceeded { .. } => set!(shown, ExecutionSucceeded,
                execution_succeeded_details: ExecutionSucceededDetails { result: self.result() }),
            What::ExecutionFailed { error } => set!(shown, ExecutionFailed,
                execution_failed_details: ExecutionFailedDetails { error: self.error(error) }),
            What::ExecutionTimedOut { error } => set!(shown, ExecutionTimedOut,
                execution_timed_out_details: ExecutionTimedOutDetails { error: Some(self.error(error)) }),
            What::ExecutionStopped { error } => set!(shown, ExecutionStopped,
                execution_stopped_details: ExecutionStoppedDetails { error: self.error(error) }),
            What::InvocationCompleted { started_ms, request_id, error } => set!(shown, InvocationCompleted,
                invocation_completed_details: InvocationCompletedDetails {
                    start_timestamp: Time::from_unix_ms(*started_ms).into(),
                    end_timestamp: shown.event_timestamp.unwrap_or_default(),
                    request_id: request_id.clone(),
                    error: error.as_ref().map(|error| self.error(error)),
                }),
            What::ContextStarted => set!(shown, ContextStarted,
                context_started_details: ContextStartedDetails {}),
            What::ContextSucceeded { .. } => set!(shown, ContextSucceeded,
                context_succeeded_details: ContextSucceededDetails { result: self.result() }),
            What::ContextFailed { error } => set!(shown, ContextFailed,
                context_failed_details: ContextFailedDetails { error: self.error(error) }),
            What::StepStarted => set!(shown, StepStarted, step_started_details: StepStartedDetails {}),
            What::StepSucceeded { attempt, delay_s, .. } => set!(shown, StepSucceeded,
                step_succeeded_details: StepSucceededDetails {
                    result: self.result(), retry_details: retry(*attempt, *delay_s),
                }),
            What::StepFailed { error, attempt, delay_s } => set!(shown, StepFailed,
                step_failed_details: StepFailedDetails {
                    error: self.error(error), retry_details: retry(*attempt, *delay_s),
                }),
            _ => return false,
        }
        true
    }

    /// Waits, callbacks and chained invokes.
    fn waiting(&self, shown: &mut w::Event, what: &What) {
        match what {
            What::WaitStarted { duration_s, end_ms } => set!(shown, WaitStarted,
                wait_started_details: WaitStartedDetails {
                    duration: seconds(*duration_s),
                    scheduled_end_timestamp: Time::from_unix_ms(*end_ms).into(),
                }),
            What::WaitSucceeded { duration_s } => set!(shown, WaitSucceeded,
                wait_succeeded_details: WaitSucceededDetails { duration: Some(seconds(*duration_s)) }),
            What::WaitCancelled => set!(shown, WaitCancelled,
                wait_cancelled_details: WaitCancelledDetails { error: None }),
            What::CallbackStarted { id, timeout_s, heartbeat_s } => set!(shown, CallbackStarted,
                callback_started_details: CallbackStartedDetails {
                    callback_id: id.clone(),
                    heartbeat_timeout: heartbeat_s.map(seconds),
                    timeout: timeout_s.map(seconds),
                }),
            What::CallbackSucceeded { .. } => set!(shown, CallbackSucceeded,
                callback_succeeded_details: CallbackSucceededDetails { result: self.result() }),
            What::CallbackFailed { error } => set!(shown, CallbackFailed,
                callback_failed_details: CallbackFailedDetails { error: self.error(error) }),
            What::CallbackTimedOut { error } => set!(shown, CallbackTimedOut,
                callback_timed_out_details: CallbackTimedOutDetails { error: self.error(error) }),
            What::ChainedInvokeStarted { function, input, version, child, tenant } => set!(shown, ChainedInvokeStarted,
                chained_invoke_started_details: ChainedInvokeStartedDetails {
                    function_name: function.clone(),
                    tenant_id: tenant.clone(),
                    input: input.as_ref().map(|_| self.input()),
                    executed_version: version.clone(),
                    durable_execution_arn: child.clone(),
                }),
            What::ChainedInvokeSucceeded { .. } => set!(shown, ChainedInvokeSucceeded,
                chained_invoke_succeeded_details: ChainedInvokeSucceededDetails { result: self.result() }),
            What::ChainedInvokeFailed { error } => set!(shown, ChainedInvokeFailed,
                chained_invoke_failed_details: ChainedInvokeFailedDetails { error: self.error(error) }),
            What::ChainedInvokeTimedOut { error } => set!(shown, ChainedInvokeTimedOut,
                chained_invoke_timed_out_details: ChainedInvokeTimedOutDetails { error: self.error(error) }),
            What::ChainedInvokeStopped { error } => set!(shown, ChainedInvokeStopped,
                chained_invoke_stopped_details: ChainedInvokeStoppedDetails { error: self.error(error) }),
            _ => unreachable!("the others are told by `progress`"),
        }
    }
}
