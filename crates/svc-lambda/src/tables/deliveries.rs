//! What destinations and dead-letter queues have yet to be told.

use base::{RequestId, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::table;

table! {
    /// Deliveries by the time when they are due. Size: up to 200 KiB.
    pub DELIVERIES: (Time, RequestId) => DeliveryRecord, name = "lambda.deliveries", version = 1;
}

/// Something that a target has yet to be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryRecord {
    /// The account of the function.
    pub account: String,
    /// The region of the function.
    pub region: String,
    /// The function's name.
    pub function: String,
    /// The ARN of the execution role on whose behalf is sent.
    pub role: String,
    /// The ARN of the target.
    pub target: String,
    /// A JSON document: the digest under which `blobs` has it, or the text itself.
    pub body: crate::tables::PayloadRecord,
    /// Attributes of the message that are texts.
    pub texts: BTreeMap<String, String>,
    /// Attributes of the message that are numbers.
    pub numbers: BTreeMap<String, String>,
    /// `detail-type` of an event bus.
    pub detail_type: String,
    /// When it was first due, in milliseconds since the epoch.
    pub since_ms: u64,
    /// How often it has failed.
    pub attempts: u32,
}
