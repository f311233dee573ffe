//! Amazon CloudWatch Logs: log groups, log streams and their events.

#![forbid(unsafe_code)]

pub mod limits;
pub mod model;
