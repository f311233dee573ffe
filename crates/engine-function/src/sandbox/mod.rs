//! A sandbox as the host sees it: what to create, what to assign, and the handle in between.

mod handle;
mod spec;

pub(crate) use handle::{Binding, Parts, Progress};
pub use handle::{ExitStatus, Sandbox, SandboxHandle, Usage};
pub use spec::{Assignment, Boot, Offspring, RootMount, RootSpec, SandboxSpec};
pub(crate) use spec::{arguments, command_line, variables};

/// Pids and threads in one sandbox: Lambda's quota of 1,024 "file descriptors, execution processes/threads".
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const PIDS_MAX: u32 = 1_024;

/// Megabytes of memory that stand for one virtual CPU.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
pub const MEMORY_MIB_PER_VCPU: u32 = 1_769;

/// Bytes that the environment and command line of one assignment may take. Lambda's quota for environment variables is
/// 4 KiB; half a pipe's capacity leaves room for the service's own and is written without waiting for a reader.
pub const ASSIGNMENT_BYTES_MAX: usize = 32 * 1_024;
