//! Domain types and pure functions: no async, no I/O, no clock, no entropy.

pub mod event_id;
pub mod filter_pattern;
