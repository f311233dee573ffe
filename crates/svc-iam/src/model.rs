//! Domain types without I/O.

pub mod aws_policies;
pub mod document;
pub mod id;
pub mod page;
pub mod policy_arn;
pub mod shapes;
pub mod simulation;
pub mod tags;
