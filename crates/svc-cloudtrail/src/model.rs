//! Domain types without I/O.

pub mod event;
pub mod identity;
pub mod operations;
