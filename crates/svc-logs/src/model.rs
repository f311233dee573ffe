//! Domain types and pure functions: no async, no I/O, no clock, no entropy.

pub mod batch;
pub mod chunk;
pub mod event_id;
pub mod filter_pattern;
pub mod log_group;
pub mod page;
pub mod subscription;

/// An event as callers give and see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it happened, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Its text.
    pub message: String,
}

impl Event {
    /// What it counts against limits, in bytes.
    pub fn counted_bytes(&self) -> usize {
        self.message.len() + crate::limits::EVENT_OVERHEAD_BYTES
    }
}
