//! Execution environments: how many may run, which are warm, how new ones begin, and what they write.
//!
//! An environment belongs to one configuration revision of one version, so a changed function never meets an old one.

pub mod concurrency;
pub mod log;
pub mod managed;
pub mod memory;
pub mod pool;
pub mod provision;
pub mod snapshots;
pub mod start;
pub mod starts;
