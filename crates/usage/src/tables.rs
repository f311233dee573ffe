//! What is stored.

use base::{AccountId, Region, Time};
use serde::{Deserialize, Serialize};
use store::table;

table! {
    /// What a resource used of one usage type in one hour. The key: account, beginning of the hour, region, the service's
    /// code, the usage type's name, the resource's ARN. Size: 20 bytes.
    pub HOURS: (AccountId, Time, Region, String, String, String) => HourRecord, name = "usage.hours", version = 1;
    /// Up to where journals have been added to the rows; one row.
    pub APPLIED: () => AppliedRecord, name = "usage.applied", version = 1;
}

/// A quantity; its unit is that of the usage type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourRecord {
    /// The sum.
    pub quantity: u64,
}

/// How far journals have been added to the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedRecord {
    /// All journals with smaller numbers have been added.
    pub journal: u64,
    /// Parts of that journal that have been added; see [`crate::limits::FLUSH_ROWS_MAX`].
    pub parts: u64,
}
