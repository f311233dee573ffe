//! What is stored of durable executions. All rows of one go when its retention is over.

use base::{AccountId, Region, RequestId, Time};
use serde::{Deserialize, Serialize};
use store::table;
use wire_lambda as w;

table! {
    /// One row per execution. Size: up to 10 KiB, less than 1 KiB typically.
    pub DURABLE_EXECUTIONS: RequestId => ExecutionRecord, name = "lambda.durable_executions", version = 1;
    /// Executions by function and name, so that a name starts one execution only.
    pub DURABLE_NAMES: (AccountId, Region, String, String) => NameRecord, name = "lambda.durable_names", version = 1;
    /// Executions by function in the order in which they began.
    pub DURABLE_STARTS: (AccountId, Region, String, Time, RequestId) => StartRecord,
        name = "lambda.durable_starts", version = 1;
    /// How many executions of an account run in a region.
    pub DURABLE_USAGE: (AccountId, Region) => UsageRecord, name = "lambda.durable_usage", version = 1;
    /// Operations by their id. Size: up to 1 KiB; results stand in the history.
    pub DURABLE_OPERATIONS: (RequestId, String) => OperationRecord, name = "lambda.durable_operations", version = 1;
    /// Operations that changed since the function last saw them: ends of waits, callbacks and the like.
    pub DURABLE_CHANGES: (RequestId, String) => ChangeRecord, name = "lambda.durable_changes", version = 1;
    /// The history. Size: up to 110 KiB.
    pub DURABLE_EVENTS: (RequestId, u64) => EventRecord, name = "lambda.durable_events", version = 1;
    /// What happens by itself: the operation at that time, or the end of the execution's own time (the empty id).
    pub DURABLE_TIMERS: (Time, RequestId, String) => TimerRecord, name = "lambda.durable_timers", version = 1;
    /// Ended executions by the time when their rows are to be removed.
    pub DURABLE_PURGES: (Time, RequestId) => PurgeRecord, name = "lambda.durable_purges", version = 1;
    /// What is to be done, once it is due: the function runs (the empty id), or the chained one of an operation, or the
    /// dead-letter queue is told ([`crate::durable::dead_letter::DEAD_LETTER`]).
    pub DURABLE_WORK: (Time, RequestId, String) => WorkRecord, name = "lambda.durable_work", version = 1;
}

/// Stores an enumeration of the API as its text.
macro_rules! stored_as_text {
    ($module:ident, $type:ty) => {
        mod $module {
            use super::*;
            use serde::de::Error as _;
            use serde::{Deserializer, Serializer};

            pub fn serialize<S: Serializer>(value: &$type, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(value.as_str())
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                let text = String::deserialize(from)?;
                <$type>::parse(&text).ok_or_else(|| D::Error::custom("an unknown member"))
            }
        }
    };
}

stored_as_text!(execution_status, w::ExecutionStatus);
stored_as_text!(operation_status, w::OperationStatus);
stored_as_text!(operation_type, w::OperationType);

/// A durable execution.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExecutionRecord {
    /// The function's account.
    pub account: String,
    /// The function's region.
    pub region: String,
    /// The function's name.
    pub function: String,
    /// `$LATEST` or a number; an alias was resolved when it began.
    pub version: String,
    /// Given by the caller, or made up.
    pub name: String,
    /// The ARN that the caller named: functions see it as theirs.
    pub invoked_arn: String,
    /// Hexadecimal SHA-256 of the input: the same name with another input is a conflict.
    pub input_sha256: String,
    /// JSON, where the caller sent one.
    pub client_context: Option<String>,
    /// How many services and functions stand before it.
    pub hops: u8,
    /// The tenant for which the function runs, where it keeps tenants apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Whether nobody waits for it.
    #[serde(default)]
    pub asynchronous: bool,
    /// Milliseconds since the epoch.
    pub started_ms: u64,
    /// How long it may last.
    pub timeout_s: u64,
    /// How long it is kept after its end.
    pub retention_days: u64,
    /// The operation of another execution that waits for this one.
    pub parent: Option<ParentRecord>,
    /// Whether it runs or how it ended.
    #[serde(with = "execution_status")]
    pub status: w::ExecutionStatus,
    /// Milliseconds since the epoch.
    pub ended_ms: Option<u64>,
    /// The event that carries its result or its error.
    pub outcome: Option<u64>,
    /// How many operations have begun.
    pub operations: u64,
    /// How many of them wait for something outside the function.
    pub pending: u64,
    /// How many events its history has.
    pub events: u64,
    /// Bytes of all payloads.
    pub stored_bytes: u64,
    /// Until when keeping them has been billed, in milliseconds since the epoch; 0 if never.
    #[serde(default)]
    pub kept_until_ms: u64,
    /// Bytes times milliseconds until then that make no whole byte-hour yet.
    #[serde(default)]
    pub kept_byte_ms: u64,
    /// The invocation that runs.
    pub invocation: Option<String>,
    /// Grows with every checkpoint and every invocation: only the newest token is accepted.
    pub token: u64,
    /// The last checkpoint, for one that is sent twice.
    pub last_checkpoint: Option<CheckpointRecord>,
    /// When its row in [`DURABLE_WORK`] is due, in nanoseconds since the epoch; None while there is none.
    pub work_ns: Option<u64>,
    /// Invocations that failed since one did not.
    pub failures: u32,
}

/// Where an execution's result goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParentRecord {
    /// The other execution's id.
    pub execution: String,
    /// Its operation.
    pub operation: String,
}

/// A checkpoint that was accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckpointRecord {
    /// What the client called it.
    pub client_token: String,
    /// The token that it came with.
    pub token: u64,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// The operations that were answered.
    pub operations: Vec<String>,
}

/// The execution of a name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NameRecord {
    /// Its id.
    pub execution: String,
}

/// All of it stands in the key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StartRecord {}

/// All of it stands in the key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeRecord {}

/// All of it stands in the key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TimerRecord {}

/// All of it stands in the key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PurgeRecord {}

/// Work that waits or runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkRecord {
    /// How often the function could not be run.
    pub throttles: u32,
}

/// What an account runs in a region.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct UsageRecord {
    /// Executions that have not ended.
    pub running: u64,
}

/// An operation of an execution.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OperationRecord {
    /// Its place in the order in which operations began; 0 is the execution itself.
    pub sequence: u64,
    /// The context that it belongs to.
    pub parent: Option<String>,
    /// The customer's name for it.
    pub name: Option<String>,
    /// What it is.
    #[serde(with = "operation_type")]
    pub kind: w::OperationType,
    /// What the SDK calls it.
    pub sub_type: Option<String>,
    /// How far it is.
    #[serde(with = "operation_status")]
    pub status: w::OperationStatus,
    /// Milliseconds since the epoch.
    pub started_ms: u64,
    /// Milliseconds since the epoch.
    pub ended_ms: Option<u64>,
    /// Attempts of a step that have ended.
    pub attempt: u32,
    /// When its row in [`DURABLE_TIMERS`] is due, in nanoseconds since the epoch.
    pub due_ns: Option<u64>,
    /// The event that carries its result, its error or, for the execution, its input.
    pub outcome: Option<u64>,
    /// Whether operations below an ended context are still shown.
    pub replay_children: bool,
    /// Only for callbacks.
    pub callback: Option<CallbackRecord>,
}

/// What a callback waits for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallbackRecord {
    /// The callback's id.
    pub id: String,
    /// When it is given up, in nanoseconds since the epoch.
    pub deadline_ns: Option<u64>,
    /// The longest time between two signs of life.
    pub heartbeat_s: Option<u64>,
}

/// A payload: JSON text, mostly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextRecord {
    /// The text itself.
    Inline(String),
    /// In `blobs`, behind an id that makes the body this row's own.
    Blob {
        /// Under which it is kept.
        digest: String,
        /// Bytes of the text.
        bytes: u64,
    },
}

/// Why something failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRecord {
    /// A sentence.
    pub message: Option<String>,
    /// Such as a class.
    pub kind: Option<String>,
    /// For machines.
    pub data: Option<String>,
    /// Innermost first or last, as the language has it.
    pub stack: Option<Vec<String>>,
}

/// One line of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventRecord {
    /// Milliseconds since the epoch.
    pub at_ms: u64,
    /// None for invocations.
    pub operation: Option<EventOperationRecord>,
    /// What happened.
    pub what: What,
}

/// The operation that an event is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventOperationRecord {
    /// Its id.
    pub id: String,
    /// The customer's name for it.
    pub name: Option<String>,
    /// What the SDK calls it.
    pub sub_type: Option<String>,
    /// The context that it belongs to.
    pub parent: Option<String>,
}

/// What happened, named as the API names it. Times are milliseconds since the epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the API's own words")]
pub enum What {
    ExecutionStarted {
        input: TextRecord,
        timeout_s: u64,
    },
    ExecutionSucceeded {
        result: Option<TextRecord>,
    },
    ExecutionFailed {
        error: ErrorRecord,
    },
    ExecutionTimedOut {
        error: ErrorRecord,
    },
    ExecutionStopped {
        error: ErrorRecord,
    },
    ContextStarted,
    ContextSucceeded {
        result: Option<TextRecord>,
    },
    ContextFailed {
        error: ErrorRecord,
    },
    WaitStarted {
        duration_s: u64,
        end_ms: u64,
    },
    WaitSucceeded {
        duration_s: u64,
    },
    WaitCancelled,
    StepStarted,
    StepSucceeded {
        result: Option<TextRecord>,
        attempt: u32,
        delay_s: Option<u64>,
    },
    StepFailed {
        error: ErrorRecord,
        attempt: u32,
        delay_s: Option<u64>,
    },
    ChainedInvokeStarted {
        function: String,
        input: Option<TextRecord>,
        version: Option<String>,
        child: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tenant: Option<String>,
    },
    ChainedInvokeSucceeded {
        result: Option<TextRecord>,
    },
    ChainedInvokeFailed {
        error: ErrorRecord,
    },
    ChainedInvokeTimedOut {
        error: ErrorRecord,
    },
    ChainedInvokeStopped {
        error: ErrorRecord,
    },
    CallbackStarted {
        id: String,
        timeout_s: Option<u64>,
        heartbeat_s: Option<u64>,
    },
    CallbackSucceeded {
        result: Option<TextRecord>,
    },
    CallbackFailed {
        error: ErrorRecord,
    },
    CallbackTimedOut {
        error: ErrorRecord,
    },
    InvocationCompleted {
        started_ms: u64,
        request_id: String,
        error: Option<ErrorRecord>,
    },
}
