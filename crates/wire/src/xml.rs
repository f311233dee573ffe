//! XML: the answers of awsQuery and ec2Query, and restXml.

mod write;

pub(crate) use write::{Writer, members};
