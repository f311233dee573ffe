//! The life of one execution environment.

pub(crate) mod lines;
pub(crate) mod output;
