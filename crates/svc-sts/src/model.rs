//! Domain types without I/O.

pub mod claims;
pub mod seal;
pub mod tags;
