//! JSON bodies: awsJson and restJson.

mod read;
mod write;

pub(crate) use read::{Slot, read, read_members};
pub(crate) use write::{members, string, write};
