//! Domain types and pure state machines: no async, no I/O.

pub mod ciphertext;
pub mod default_policy;
pub mod grant;
pub mod import_token;
pub mod key_policy;
pub mod key_ref;
pub mod metadata;
pub mod page;
pub mod spec;
pub mod tags;
