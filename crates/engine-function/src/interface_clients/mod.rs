//! The programs that run in managed runtimes' sandboxes and stand between the Runtime API and the handler.
//!
//! They are part of the binary and are written below the state directory when the engine starts.

#[cfg(test)]
mod nodejs_tests;
#[cfg(test)]
mod python_tests;
#[cfg(test)]
mod testing;

/// The interface client for Python.
pub(crate) const PYTHON: &str = include_str!("../../../../runtimes/python/bootstrap.py");

/// The interface client for Node.js.
pub(crate) const NODEJS: &str = include_str!("../../../../runtimes/nodejs/bootstrap.cjs");
