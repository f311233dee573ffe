//! Lambda's sandboxes: Linux namespaces, control groups, seccomp and a read-only root.
//!
//! Two processes share the work. The *host* is the ordinary, multithreaded program; it speaks to this crate through
//! [`Spawner`] and [`Sandbox`]. The *spawner* ([`spawner_main`]) is one single-threaded process that the host starts by
//! executing itself: it alone holds the privilege to create namespaces, mounts and control groups, it holds no secret,
//! and it ends, with every sandbox, when the host ends.
//!
//! # Invariants
//! - The host never forks: a fork of a multithreaded process may deadlock in the child.
//! - Nothing outlives the spawner: mounts live in its mount namespace, every sandbox's first process dies with it, and
//!   control groups left by a spawner that was killed are swept by the next one with the same state directory.
//! - The program in a sandbox has no capability, not even over its own user namespace, from its first instruction.
//! - A sandbox is assigned at most once; it is never cleaned for another function.
//! - A program begins when its assignment ends, a pipe of which three hold an end: the host, which writes the variables, the
//!   spawner until the limits are set, and process 1 until it has no rights any more. So they need not wait for each other.

#![warn(missing_docs)]

mod awake;
mod class_archive;
mod engine;
mod environment;
mod interface_clients;
mod kept;
mod memory;
mod pool;
mod runtime_api;
mod runtimes;
pub mod sandbox;
mod snapshot;
pub mod spawner;
mod spawners;
mod task;
mod zygotes;

pub use engine::{SandboxEngine, SandboxEngineConfig};
pub use environment::ServeEndpoint;
#[doc(hidden)]
pub use interface_clients::{PYTHON, PYTHON_FORKS, arena_code, fork_code};
pub use runtimes::{InstallError, Installation, install};
pub use runtimes::{host_runtimes, lacks_sdk, runtime_names};
pub use sandbox::{
    Assignment, Boot, ExitStatus, Offspring, RootMount, RootSpec, Sandbox, SandboxHandle,
    SandboxSpec, Usage,
};
pub use spawner::main::spawner_main;
pub use spawner::{HostCapabilities, Spawner, SpawnerConfig};

/// What goes wrong between the host and the spawner.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A system call of the host failed.
    #[error("{action}")]
    System {
        /// What was attempted.
        action: &'static str,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The spawner refused or failed; the text is one sentence that names the step and the system's answer.
    #[error("{0}")]
    Refused(String),
    /// The spawner has ended, and every sandbox with it.
    #[error("the spawner has ended")]
    SpawnerEnded,
    /// The sandbox has ended.
    #[error("the sandbox has ended")]
    SandboxEnded,
    /// The request breaks a bound; the text names it.
    #[error("{0}")]
    OutOfBounds(String),
}

/// The result of this crate's calls.
pub type Result<T> = std::result::Result<T, Error>;
