//! What runs without a request.

pub mod uses_write;
