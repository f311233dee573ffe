//! Durable executions: functions whose progress is written down, so that they wait for days and survive crashes.
//! <https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html>
//!
//! An execution is a row with its operations (steps, waits, callbacks, contexts, chained invokes) and its history. The
//! function runs from the start again and again; the SDK inside it replays what operations have answered and tells new
//! progress with `CheckpointDurableExecution`. While nothing can go on, nothing runs: there are rows, and two loops that
//! sleep until the first of them is due.
//!
//! ```text
//! start ──▶ invocation ──▶ SUCCEEDED | FAILED ──▶ ended ──▶ purged after the retention
//!              ▲  │ PENDING                          ▲
//!              │  ▼                                  │
//!           waits for timers, callbacks, children ───┴── timeout, stop
//! ```
//!
//! # Invariants
//! - At most one invocation of an execution runs. Only the token of its last checkpoint is accepted.
//! - A transition, its event in the history, and what it makes due are one transaction.
//! - A row of [`tables::DURABLE_WORK`] stays until its work is done: after a crash the function runs once more and finds
//!   all that was checkpointed.
//! - An execution stays with the version that it began with.

pub mod callbacks;
pub mod chained;
pub mod checkpoint;
pub mod dead_letter;
pub mod errors;
pub mod execution;
pub mod history;
pub mod identity;
pub mod invocation;
pub mod invoke;
pub mod metering;
pub mod operation;
pub mod output;
pub mod purge;
pub mod start;
pub mod state;
pub mod tables;
pub mod text;
pub mod timers;
pub mod validate;
pub mod waiting;
