//! What compute services ask of the engines that run their sandboxes.
//!
//! `svc-lambda` knows these traits only; `engine-function` implements them with real sandboxes.
//!
//! # Invariants
//! - An [`Environment`] runs one invocation at a time, or one per worker; whoever holds it decides when.
//! - An environment that answered [`Outcome::Exited`] is dead and everything in it is killed; so is one without workers that
//!   answered [`Outcome::TimedOut`].

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod function;

pub use function::{
    Busy, Environment, EnvironmentSpec, ExitStatus, ExtensionFailure, FunctionEngine, Ground,
    InitError, Initialized, Invocation, InvocationReport, LogFormat, Outcome, OutputLine,
    OutputSink, Reservation, ResponseSink, RuntimeStatus, RuntimeUnavailable, Settled, Snapshot,
    SnapshotError, StreamError,
};
