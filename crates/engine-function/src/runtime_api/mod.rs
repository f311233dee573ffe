//! The Runtime API: how the program in a sandbox fetches invocations and answers them.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! Every sandbox has a server of its own on its own loopback, so a request needs no credentials and names no function.
//!
//! # Invariants
//! - The peer is hostile: connections, request heads and bodies are bounded, and one environment buffers one answer, of a streamed one no
//!   more than its invoker has room for.
//! - An invocation is answered at most once; whoever answers late or wrongly is told so and changes nothing.

mod conversation;
mod extension_http;
mod extensions;
mod http;
mod refusal;
mod restoring;
mod telemetry;
mod telemetry_http;
mod workers;

pub(crate) use conversation::{
    Answer, Answered, Conversation, Ended, ExtensionFault, Freezer, InitOutcome, Inside, Pending,
    Supervision, Turn,
};
pub(crate) use extension_http::FunctionIdentity;
pub(crate) use extensions::{EXTENSIONS_MAX, Extensions, ShutdownReason};
pub(crate) use http::RuntimeApi;
use refusal::Refusal;
pub(crate) use restoring::Restores;
pub(crate) use telemetry::{Category, Dial, Published, Telemetry};

/// Bytes of an answer: 6 MiB and 100 bytes, as AWS's message about larger ones says.
pub(crate) const RESPONSE_BYTES_MAX: usize = 6 * 1024 * 1024 + 100;

/// Bytes of a streamed answer, which is never in memory as a whole.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const STREAMED_BYTES_MAX: u64 = 200 * 1024 * 1024;

/// Bytes of one piece of a streamed answer.
pub(crate) const PIECE_BYTES_MAX: usize = 256 * 1024;

/// Bytes of an answer that are thrown away before the connection is closed instead, so that a client which does not
/// read before it has written all learns that its answer was too large.
const DISCARDED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of a request that registers or subscribes.
const SMALL_BODY_BYTES_MAX: usize = 64 * 1024;

/// Connections of one environment, besides two for each of its workers; further ones wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 64;

/// Bytes of a request's head. `Lambda-Runtime-Function-XRay-Error-Cause` carries a stack trace.
const HEAD_BYTES_MAX: usize = 256 * 1024;

/// Bytes of the header `Lambda-Runtime-Function-Error-Type` that are kept.
const ERROR_TYPE_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests;
