//! What the host and the spawner say to each other: one JSON value per message, descriptors beside it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::HostCapabilities;
use crate::sandbox::{ExitStatus, SandboxSpec};

/// Bytes of one message, either way: less than the socket takes as a whole. An assignment's two texts are at most 32 KiB
/// each, and JSON seldom doubles them; one that does not fit is refused.
pub const MESSAGE_BYTES_MAX: usize = 400 * 1_024;

/// Bytes to ask for as a socket's buffer; the kernel doubles it, and grants this much without privilege.
pub const SOCKET_BYTES: usize = 212_992;

/// The host to the spawner.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// The first message.
    Configure { state_dir: PathBuf, endpoint_port: u16 },
    /// Answered with [`Event::Created`] or [`Event::Ended`].
    Create { id: u64, spec: SandboxSpec },
    /// Answered with [`Event::Assigned`], [`Event::Refused`] or [`Event::Ended`].
    Assign { id: u64, assignment: AssignmentMessage },
    /// The function's initialisation is over: its share of CPU holds from now on. Not answered.
    EndInit { id: u64 },
    /// Sends the program (nothing else inside) a signal, for its orderly end. Not answered.
    Signal { id: u64, signal: i32 },
    /// Answered with [`Event::Socket`] or [`Event::Ended`].
    Socket { id: u64 },
    /// Answered, as every end of a sandbox is, with [`Event::Ended`].
    Kill { id: u64 },
}

/// What of a [`crate::Assignment`] does not go to the program itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct AssignmentMessage {
    pub code: Option<PathBuf>,
    pub layers: Vec<PathBuf>,
    pub memory_mib: u32,
    pub cpu_memory_mib: u32,
    pub tmp_mib: u32,
    pub pids_max: u32,
    /// For the extensions, see `sandbox::spec::variables`; empty without any.
    pub environment: String,
    /// See `sandbox::spec::arguments`.
    pub extensions: Vec<String>,
}

/// The spawner to the host.
#[derive(Debug, Serialize, Deserialize)]
pub enum Event {
    /// Answers [`Request::Configure`].
    Ready { capabilities: HostCapabilities },
    /// The spawner cannot start; it ends.
    Unable { reason: String },
    /// The sandbox stands; one descriptor per entry of `files`.
    Created { id: u64, files: Vec<FileRole> },
    /// The function's program may run, and the extensions do. One descriptor per entry of `files`.
    Assigned { id: u64, files: Vec<FileRole> },
    /// A TCP socket of the sandbox's network, not connected; it is the one descriptor. Without one it could not be made.
    Socket { id: u64 },
    /// The assignment was refused before the sandbox was touched.
    Refused { id: u64, reason: String },
    /// The function's program ended; extensions still run.
    ProgramEnded { id: u64, status: ExitStatus },
    /// An extension ended.
    ExtensionEnded { id: u64, extension: usize, status: ExitStatus },
    /// The sandbox is gone. `failure`: it never came up or its assignment broke half way.
    Ended { id: u64, status: ExitStatus, failure: Option<String> },
}

/// What a descriptor of [`Event::Created`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileRole {
    RuntimeApi,
    Endpoint,
    Output,
    /// The pipe on which the program reads its assignment. It goes when every end that may write is closed.
    Assignment,
    /// What extensions print.
    ExtensionOutput,
    /// `cgroup.freeze`.
    FreezeUnified,
    /// `freezer.state`.
    FreezeV1,
    /// `memory.peak`; a write resets what this descriptor reads.
    PeakUnified,
    /// `memory.max_usage_in_bytes`.
    PeakV1,
    /// `cpu.stat`.
    CpuUnified,
    /// `cpuacct.usage`, nanoseconds.
    CpuV1,
}
