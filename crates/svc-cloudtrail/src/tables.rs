//! What is stored.

use base::{AccountId, Region, Time};
use serde::{Deserialize, Serialize};
use store::table;

table! {
    /// Events. The key: account, region, time, id of the event. Size: 2 KiB.
    pub EVENTS: (AccountId, Region, Time, String) => EventRecord, name = "cloudtrail.events", version = 1;
    /// Where the event of a request is. Size: 100 bytes.
    pub REQUESTS: (AccountId, String) => Place, name = "cloudtrail.requests", version = 1;
    /// Events by age, for their removal. The key: time, id of the event. Size: 100 bytes.
    pub AGES: (Time, String) => Owner, name = "cloudtrail.ages", version = 1;
}

/// An event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventRecord {
    /// As `CloudTrailEvent` shows it.
    pub event: String,
    /// `eventName`.
    pub name: String,
    /// `eventSource`.
    pub source: String,
    /// Who called, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The key that signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// `readOnly`.
    pub read_only: bool,
    /// Type, where it is known, and name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<(Option<String>, String)>,
    /// Whether it is about data, so that `LookupEvents` does not show it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_data: bool,
    /// Why the call was denied, as a JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

/// Where an event is, beside its account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Part of the key.
    pub region: String,
    /// Part of the key, in nanoseconds since the epoch.
    pub time_ns: u64,
    /// Part of the key.
    pub event_id: String,
}

/// Whose event it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Owner {
    /// Part of the key.
    pub account: String,
    /// Part of the key.
    pub region: String,
    /// Under which [`REQUESTS`] knows it.
    pub request_id: String,
}
