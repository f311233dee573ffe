//! The programs that run in managed runtimes' sandboxes and stand between the Runtime API and the handler.
//!
//! They are part of the binary and are written below the state directory when the engine starts.

mod fork_code;
#[cfg(test)]
mod java_tests;
#[cfg(test)]
mod nodejs_tests;
#[cfg(test)]
mod python_tests;
#[cfg(test)]
mod ruby_tests;
#[cfg(test)]
mod testing;

/// The interface client for Python: its parts, joined.
pub const PYTHON: &str = concat!(
    include_str!("../../../../runtimes/python/log.py"),
    include_str!("../../../../runtimes/python/failure.py"),
    include_str!("../../../../runtimes/python/marshalling.py"),
    include_str!("../../../../runtimes/python/context.py"),
    include_str!("../../../../runtimes/python/runtime_api.py"),
    include_str!("../../../../runtimes/python/bootstrap.py"),
);

/// The part of it that forks.
pub const PYTHON_FORKS: &str = include_str!("../../../../runtimes/python/forks.py");

/// The part of it that sees to what forks of a function must not share.
pub(crate) const PYTHON_BELONGINGS: &str =
    include_str!("../../../../runtimes/python/belongings.py");

/// The part of it that serves several invocations at once.
pub(crate) const PYTHON_WORKERS: &str = include_str!("../../../../runtimes/python/workers.py");

/// The module of AWS's runtimes with hooks around snapshots.
pub(crate) const PYTHON_HOOKS: &str =
    include_str!("../../../../runtimes/python/snapshot_restore_py.py");

pub use fork_code::{arena_code, fork_code};

/// The interface client for Node.js.
pub(crate) const NODEJS: &[u8] = include_bytes!("../../../../runtimes/nodejs/bootstrap.cjs");

/// The function that a waiting process of Node.js runs before it knows its own.
pub(crate) const NODEJS_REHEARSAL: &[u8] =
    include_bytes!("../../../../runtimes/nodejs/rehearsal.js");

/// The interface client for Java: `cargo xtask java` makes it from the sources beside it.
pub(crate) const JAVA: &[u8] = include_bytes!("../../../../runtimes/java/runtime.jar");

/// The part of Java's client that is written in C.
pub(crate) const JAVA_NATIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/bootstrap.so"));

/// The interface client for Ruby.
pub(crate) const RUBY: &[u8] = include_bytes!("../../../../runtimes/ruby/bootstrap.rb");

/// The interface client for .NET class libraries: `cargo xtask clients` makes it from the sources beside it.
pub(crate) const DOTNET: &[u8] = include_bytes!("../../../../runtimes/dotnet/bootstrap.dll");

/// What starts a .NET runtime that is installed without its command.
pub(crate) const DOTNET_HOST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/dotnet-host"));
