//! One file per operation of AWS.

mod lookup_events;

pub use lookup_events::lookup_events;
