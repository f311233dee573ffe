//! Domain types and rules: no async, no I/O.

pub mod bucket_name;
pub mod checksum;
pub mod copy_source;
pub mod crc;
pub mod ids;
pub mod listing;
pub mod precondition;
pub mod public_policy;
pub mod range;
pub mod tags;
pub mod url_encoding;
