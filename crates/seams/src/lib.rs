//! What services offer each other.
//!
//! One small trait per capability, in the domain's words, without wire types: editing one service's model never rebuilds
//! its neighbours. A call through a seam enters the same operation as the same call over HTTP, so identity, quotas and
//! faults hold inside as well as outside.
//!
//! # Invariants
//! - Every method takes a [`CallCx`] or says why it needs none.
//! - No service is named here but by the string that AWS gives it.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod access;
mod audit;
mod caller;
mod cx;
mod error;
mod event_source;
mod event_target;
mod functions;
mod identities;
mod keys;
mod logs;
mod objects;
mod principals;
mod roles;
mod web;

pub use access::{AccessRequest, Authorizer, ContextKey, DenialMessages};
pub use audit::{Audit, AuditedCall};
pub use caller::{
    Caller, Credential, CredentialError, Credentials, Federation, Principal, Session,
};
pub use cx::{CallCx, Trace};
pub use error::Error;
pub use event_source::{EventSource, Poll, Position, Records, Shard, SourceKind, SourceRecord};
pub use event_target::{Attribute, Delivery, EventTarget};
pub use functions::{FunctionAnswer, FunctionCall, FunctionInvoker};
pub use identities::{
    AssumeRole, Identities, OidcProvider, OutboundFederation, RoleIdentity, SamlKey, SamlProvider,
    UserIdentity,
};
pub use keys::{DataKey, KeyUse, Keys};
pub use logs::{LogEvent, LogSink};
pub use objects::{NewObject, ObjectPieces, ObjectReader, ObjectRef, ObjectWriter, OpenObject};
pub use principals::Principals;
pub use roles::{Roles, ServiceSession, TemporaryCredentials};
pub use web::{Web, WebError};
