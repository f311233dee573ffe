//! Where requests enter: listener, HTTP, identity, routing, and the rendering of errors.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod sigv4;
