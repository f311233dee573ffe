//! What functions are, and everything about them that can be decided without waiting.

pub mod alias;
pub mod application_log;
pub mod arn;
pub mod batch;
pub mod capacity_provider;
pub mod code_signing;
pub mod configuration;
pub mod environment_variables;
pub mod event;
pub mod event_queues;
pub mod event_source;
pub mod event_source_mapping;
pub mod layer;
pub mod managed_instances;
pub mod name;
pub mod payload;
pub mod policy;
pub mod provisioned;
pub mod report;
pub mod runtime;
pub mod tags;
pub mod trace;
pub mod version;
