//! The service as a whole: operations over the wire layer, an in-memory store, a clock that stands still, and an engine
//! that answers by script.

mod asynchronous;
mod cloud;
mod durable;
mod engine;
mod event_sources;
mod functions;
mod invocations;
mod provisioned;
mod scaling;
mod services;
mod snap_start;
