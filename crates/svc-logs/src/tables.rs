//! Rows: keys, records and their versions.
//!
//! Groups and streams have a random id besides their name, so that what is made anew under an old name has none of the
//! old one's events, which are removed in the background.

use base::{AccountId, Region};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::table;

/// [`GroupRecord::id`].
pub type GroupId = u64;
/// [`StreamRecord::id`].
pub type StreamId = u64;
/// [`SubscriptionFilterRecord::id`].
pub type SubscriptionId = u64;

table! {
    /// One row per log group, by name. About 300 bytes.
    pub GROUPS: (AccountId, Region, String) => GroupRecord, name = "logs.groups", version = 1;

    /// The bytes of a group's events, by its id; changes with every batch, apart from what changes rarely.
    pub STORED_BYTES: u64 => StoredBytesRecord, name = "logs.stored_bytes", version = 1;

    /// One row per log stream, by name. About 200 bytes.
    pub STREAMS: (GroupId, String) => StreamRecord, name = "logs.streams", version = 1;

    /// The names of a group's streams, by their ids; about 50 bytes.
    pub STREAM_NAMES: (GroupId, StreamId) => StreamNameRecord, name = "logs.stream_names", version = 1;

    /// Events in the order of their streams: by the time of the chunk's first event in milliseconds, then by the order in
    /// which the stream took the chunks in. At most [`crate::limits::CHUNK_BYTES_MAX`] plus one event's overhead.
    pub CHUNKS: (GroupId, StreamId, u64, u64) => ChunkRecord, name = "logs.chunks", version = 1;

    /// The same chunks in the order of their group: by the time of the first event, then stream, then sequence.
    pub CHUNKS_BY_TIME: (GroupId, u64, StreamId, u64) => ChunkSpanRecord,
        name = "logs.chunks_by_time", version = 1;

    /// Messages that are too large for a chunk, in parts: by stream, chunk's sequence and part.
    pub LARGE_MESSAGES: (GroupId, StreamId, u64, u64) => MessagePartRecord,
        name = "logs.large_messages", version = 1;

    /// Groups and streams whose events are still to be removed; stream 0 stands for the whole group.
    pub DELETIONS: (GroupId, StreamId) => DeletionRecord, name = "logs.deletions", version = 1;

    /// Metric filters by the name of their group and their own.
    pub METRIC_FILTERS: (AccountId, Region, String, String) => MetricFilterRecord,
        name = "logs.metric_filters", version = 1;

    /// Subscription filters by the name of their group and their own: at most
    /// [`crate::limits::SUBSCRIPTION_FILTERS_MAX`] of a group. About 300 bytes.
    pub SUBSCRIPTION_FILTERS: (AccountId, Region, String, String) => SubscriptionFilterRecord,
        name = "logs.subscription_filters", version = 1;

    /// Where the subscription filter with this id is; about 100 bytes.
    pub SUBSCRIPTION_FILTER_PLACES: SubscriptionId => SubscriptionFilterPlaceRecord,
        name = "logs.subscription_filter_places", version = 1;

    /// Chunks that a subscription filter has yet to deliver, written with them: by filter, when they came in in
    /// milliseconds, stream and sequence. About 60 bytes; none is older than
    /// [`crate::limits::SUBSCRIPTION_RETRY_MAX`] for long.
    pub SUBSCRIBED_CHUNKS: (SubscriptionId, u64, StreamId, u64) => SubscribedChunkRecord,
        name = "logs.subscribed_chunks", version = 1;

    /// The resource policies of an account: one row, because every write to a stream looks at all of them.
    pub RESOURCE_POLICIES: (AccountId, Region) => ResourcePoliciesRecord,
        name = "logs.resource_policies", version = 1;
}

/// A log group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupRecord {
    /// Random, never zero.
    pub id: GroupId,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// How many days its events are kept; for ever without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// The ARN of the key that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// The data keys that seal its events, encrypted by KMS, in base64; the last one belongs to `kms_key_id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_keys: Vec<String>,
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`.
    pub class: String,
    /// Whether it refuses to be deleted.
    #[serde(default)]
    pub deletion_protection: bool,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Its subscription filters: here, so that a batch for a group without any costs no look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<SubscriptionId>,
}

/// How much a log group holds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct StoredBytesRecord {
    /// The bytes of its events as PutLogEvents counts them.
    pub bytes: u64,
}

/// A log stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StreamRecord {
    /// Random, never zero.
    pub id: StreamId,
    /// When it was made, in milliseconds since 1970, as are the other times.
    pub created_ms: u64,
    /// The earliest event that it took in; `None` if it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_event_ms: Option<u64>,
    /// The latest event that it took in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_event_ms: Option<u64>,
    /// When it last took any in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_ingestion_ms: Option<u64>,
    /// The sequence of its next chunk.
    pub next_sequence: u64,
}

/// A stream's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StreamNameRecord {
    /// The name.
    pub name: String,
}

/// Events that came in together and whose times are near each other, in order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChunkRecord {
    /// When they came in, in milliseconds since 1970.
    pub ingested_ms: u64,
    /// At least one, unless they are sealed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventRecord>,
    /// The events of a group with a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<SealedEventsRecord>,
}

/// Events that were sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SealedEventsRecord {
    /// Under which of the group's data keys, counted from 1.
    pub key: usize,
    /// The events as JSON, sealed, in base64.
    pub text: String,
}

/// An event. Short names, because they stand beside every line that is ever logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// When it happened, in milliseconds since 1970.
    #[serde(rename = "t")]
    pub timestamp_ms: u64,
    /// Its text; empty if that is in parts.
    #[serde(rename = "m", default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// How many rows of [`LARGE_MESSAGES`] hold its text. Such an event is alone in its chunk.
    #[serde(rename = "p", default, skip_serializing_if = "is_zero")]
    pub parts: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero_usize(number: &usize) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What is known of a chunk without reading it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ChunkSpanRecord {
    /// The time of its last event.
    pub last_ms: u64,
    /// The bytes of its events as PutLogEvents counts them.
    pub bytes: u64,
    /// How many rows of [`LARGE_MESSAGES`] belong to it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parts: u64,
}

/// A part of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessagePartRecord {
    /// At most [`crate::limits::MESSAGE_PART_BYTES_MAX`] as JSON; sealed a third more.
    pub text: String,
    /// Under which of the group's data keys it is sealed, counted from 1; 0 if it is not.
    #[serde(default, skip_serializing_if = "is_zero_usize")]
    pub key: usize,
}

/// Something that is gone for callers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct DeletionRecord {
    /// When it was deleted, in milliseconds since 1970.
    pub deleted_ms: u64,
}

/// A metric filter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MetricFilterRecord {
    /// When it was first put, in milliseconds since 1970.
    pub created_ms: u64,
    /// As it was given.
    pub pattern: String,
    /// Whether it looks at transformed events.
    #[serde(default)]
    pub apply_on_transformed_logs: bool,
    /// The metric that it feeds.
    pub transformation: MetricTransformationRecord,
}

/// What a metric filter makes of a matching event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MetricTransformationRecord {
    /// The metric's name.
    pub metric_name: String,
    /// The metric's namespace.
    pub metric_namespace: String,
    /// A number, or what to read out of the event.
    pub metric_value: String,
    /// The value when nothing matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_value: Option<f64>,
    /// Dimensions by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
    /// AWS's name of the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A subscription filter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SubscriptionFilterRecord {
    /// Random, never zero; a filter that is made anew under an old name delivers nothing of the old one's.
    pub id: SubscriptionId,
    /// When it was first put, in milliseconds since 1970.
    pub created_ms: u64,
    /// As it was given.
    pub pattern: String,
    /// The ARN of a function.
    pub destination_arn: String,
    /// `ByLogStream` or `Random`, which makes a difference to streams of Kinesis only.
    pub distribution: String,
    /// Whether it looks at transformed events.
    #[serde(default)]
    pub apply_on_transformed_logs: bool,
}

/// Where a subscription filter is: the key of its row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SubscriptionFilterPlaceRecord {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The group's name.
    pub group: String,
    /// The filter's name.
    pub name: String,
}

/// A chunk that is to be delivered.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SubscribedChunkRecord {
    /// The group's id.
    pub group: GroupId,
    /// The time of its first event, in milliseconds since 1970: with stream and sequence the key of the chunk.
    pub first_ms: u64,
}

/// The resource policies of an account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ResourcePoliciesRecord {
    /// At most [`crate::limits::RESOURCE_POLICIES_MAX`].
    pub by_name: BTreeMap<String, ResourcePolicyRecord>,
}

/// A resource policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResourcePolicyRecord {
    /// JSON, as it was given.
    pub document: String,
    /// When it was last put, in milliseconds since 1970.
    pub updated_ms: u64,
}
