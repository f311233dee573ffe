//! CBOR bodies: Smithy's RPC v2. <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

mod read;
mod write;

pub(crate) use read::read_members;
pub(crate) use write::structure;
