//! AWS's wire protocols, driven by static schemas.
//!
//! The crates `wire-<service>` are generated: they hold types, one [`Schema`] per shape, and a [`Service`] with its
//! [`Operation`]s. Everything that a request or an answer needs is done here, once, for all of them:
//!
//! 1. [`Service::find`] names the protocol and the operation of a [`Request`].
//! 2. [`Service::decode`] reads the typed input and checks the model's constraints.
//! 3. [`Service::encode`] writes the typed output, [`Service::error`] an [`Error`], each as AWS does.
//!
//! # Invariants
//! - No service is known by name; what is special about one is said by its [`Dialect`].
//! - No input makes this crate panic, recurse without bound, or allocate much more than its own size: [`limits`].
//! - What the model marks sensitive is neither printed by `Debug` nor repeated by error messages.
//!
//! Deliberately absent: HTTP servers, signatures, retries, clients.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod cbor;
mod decode;
mod encode;
mod error;
mod find;
mod form;
mod json;
mod macros;
mod message;
mod render;
mod rest;
mod service;
mod shown;
mod text;
mod timestamp;
mod xml;

pub mod debug;
pub mod event_stream;
pub mod limits;
pub mod schema;
pub mod validate;
pub mod value;

pub use bytes::Bytes;
pub use error::{Common, Error, Internal};
pub use event_stream::EventStream;
pub use message::{Body, Pieces, Request, Response, Trailers};
pub use schema::{ErrorTrait, Kind, Loc, Member, Schema, TimestampFormat};
pub use service::{Dialect, Op, Operation, Protocol, Segment, Service};
pub use shown::{Shown, shown};
pub use timestamp::Timestamp;
pub use validate::Pattern;
pub use value::{List, Map, Mut, Ref, Shape, Unit, Value};

/// Any JSON value.
pub type Document = serde_json::Value;
