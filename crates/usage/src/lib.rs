//! What accounts have used, by the hour: the rows from which a bill is made (ADR 6).
//!
//! A service tells its [`Meter`] what a resource used; hourly rows ([`tables`]) add it up; [`bill()`] puts prices on the
//! rows. Nothing here knows a service but for the list of [`usage_types`] and their prices.
//!
//! # Invariants
//! - Quantities are integers of the unit that the usage type names: rows are sums, and sums do not drift.
//! - What was recorded before an answer was given is in the rows after a crash of the process. A crash of the machine
//!   loses at most what was recorded since the last flush, [`limits::FLUSH_PERIOD`] at most.
//! - Nothing is counted twice: a flush and its mark are one transaction.
//! - Recording never waits for the store. Memory grows with the resources that were used since the last flush only.
//! - Folding keeps sums: what leaves a row enters another in the same transaction. So rows grow with resources and with
//!   [`limits::HOURS_KEPT`], not with the age of the cloud.
//! - A price has a date and a source: `prices/us-east-1.toml`.
//!
//! # Known gaps
//! Prices of us-east-1 are used for every region; a bill names the regions that this concerns.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod bill;
mod fold;
mod journal;
pub mod limits;
mod meter;
mod prices;
pub mod tables;
pub mod usage_types;

pub use bill::{Bill, By, Line, Query, bill};
pub use fold::fold;
pub use meter::{Meter, Resource, add};
pub use prices::Prices;
pub use tables::Span;
pub use usage_types::{Unit, UsageType};
