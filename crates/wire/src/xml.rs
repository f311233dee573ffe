//! XML: the answers of awsQuery and ec2Query, and restXml.

mod read;
mod write;

pub(crate) use read::{read, read_members};
pub(crate) use write::{Writer, members, members_if};
