//! Event source mappings, and how far streams have been read for them.

use base::{AccountId, Region};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::table;

table! {
    /// One row per event source mapping, by its UUID. Size: up to 50 KiB (filters).
    pub EVENT_SOURCE_MAPPINGS: (AccountId, Region, String) => EventSourceMappingRecord,
        name = "lambda.event_source_mappings", version = 1;
    /// How far a shard has been read for a mapping. Size: 200 bytes.
    pub CHECKPOINTS: (AccountId, Region, String, String) => CheckpointRecord,
        name = "lambda.checkpoints", version = 1;
}

/// An event source mapping.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventSourceMappingRecord {
    /// The ARN of the queue or the stream.
    pub source: String,
    /// The function's name.
    pub function: String,
    /// `$LATEST`, a version's number or an alias, where the caller named one.
    pub qualifier: Option<String>,
    /// Whether it is to be read.
    pub enabled: bool,
    /// Where it is on its way.
    pub state: MappingState,
    /// Records of one invocation, at most.
    pub batch_size: u32,
    /// How long records are gathered for one invocation, in seconds.
    pub batching_window_s: u32,
    /// Patterns of which a record must match one; all records are wanted if there are none.
    pub filters: Vec<String>,
    /// Whether the function tells which records it could not handle.
    pub reports_item_failures: bool,
    /// Invocations of a queue at once, where the caller limits them.
    pub concurrency_max: Option<u32>,
    /// What streams have.
    pub stream: Option<StreamRecord>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// How the last batch went, for streams.
    pub last_result: String,
    /// When it was last changed by a caller, in milliseconds since the epoch.
    pub last_modified_ms: u64,
    /// Changes with every change by a caller: what reads for an older one stops.
    pub revision: String,
}

/// What mappings of streams have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamRecord {
    /// `TRIM_HORIZON`, `LATEST` or `AT_TIMESTAMP`.
    pub starting_position: String,
    /// With `AT_TIMESTAMP`, in milliseconds since the epoch.
    pub starting_timestamp_ms: Option<u64>,
    /// Retries of a batch after a failure of the function; -1 for as many as it takes.
    pub retries_max: i32,
    /// Older records are given up, in seconds; -1 for none.
    pub record_age_s_max: i32,
    /// Whether a batch is halved after a failure.
    pub bisect: bool,
    /// The ARN of whom to tell about records that are given up.
    pub on_failure: Option<String>,
}

/// Where a mapping is on its way. The names are those of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MappingState {
    /// New; becomes `Enabled` or `Disabled`.
    Creating,
    /// Becomes `Enabled`.
    Enabling,
    /// Is read.
    Enabled,
    /// Becomes `Disabled` once nothing reads any more.
    Disabling,
    /// Is not read.
    Disabled,
    /// Was changed; becomes `Enabled` or `Disabled`.
    Updating,
    /// Is removed once nothing reads any more.
    Deleting,
}

/// How far a shard has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckpointRecord {
    /// All records up to the one with this id are done with.
    After(String),
    /// The source said that reading goes on here.
    At(String),
    /// The shard was closed and read to its end.
    Ended,
}
