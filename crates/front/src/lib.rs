//! Where requests enter: listeners, HTTP/1.1 and HTTP/2, identity, routing, and the last word on errors.
//!
//! A request passes through here in this order: connection (`listener`) → service (`catalog`) → body (`body`) →
//! operation (`wire`) → identity (`identity`, [`sigv4`]) → decoding, authorization, operation, encoding (`rt`) → answer.
//! Hosts that belong to a service alone (`sites`), such as URLs of functions, leave this way after the first step.
//! What goes wrong on the way is answered in the protocol of the service as far as it is known.
//!
//! # Invariants
//! - No operation runs before the signature of its request was verified, but for those that prove an identity otherwise.
//! - Every size, count and wait has a bound in [`limits`].
//! - The well-known development key counts for programs of this machine only: not through another interface, not from
//!   inside a sandbox, not for a web page.
//! - A panic in an operation is an answer with status 500 and one entry in the log.
//!
//! Bodies of S3's objects are not read here but handed on as they come (`upload`), and their ends checked there.
//!
//! Known gaps: an HTTP/2 client that grants no window keeps its answer
//! waiting for as long as it likes.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod admin;
mod audit;
mod body;
mod catalog;
mod dispatch;
mod hosts;
mod identity;
mod listener;
mod progress;
mod report;
mod sites;
mod upload;

pub mod limits;
pub mod sigv4;

pub use listener::{Reach, Serving};
pub use report::{Report, ReportFn};

use base::{BoxFut, Clock, Entropy};
use body::Bodies;
use bytes::Bytes;
use catalog::Catalog;
use listener::Connections;
use rt::{Routes, Site, Tasks};
use seams::{Audit, Authorizer, Credentials};
use sigv4::Verifier;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// What the front end is made of.
pub struct Parts {
    /// The services that are built.
    pub routes: Vec<Routes>,
    /// Services whose operations have names here, built or not: they answer 501 in their own protocol.
    pub known: Vec<&'static wire::Service>,
    /// Finds the secrets of access keys.
    pub credentials: Arc<dyn Credentials>,
    /// Decides every call.
    pub authorizer: Arc<dyn Authorizer>,
    /// Is told of every call.
    pub audit: Arc<dyn Audit>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for request ids.
    pub entropy: Arc<dyn Entropy>,
    /// Where connections run.
    pub tasks: Tasks,
    /// The version of the program, for health answers.
    pub version: &'static str,
    /// Names of this machine beside `localhost`, for requests without a signature; lower case.
    pub host_names: Vec<String>,
    /// Hosts that services answer by themselves.
    pub sites: Vec<Arc<dyn Site>>,
    /// Bodies that may be fetched without a signature by whoever knows their location.
    pub downloads: Vec<Download>,
    /// What is told to those who prove who they are.
    pub reports: Vec<Report>,
    /// Sentences on what this host lacks and what that means, for health answers.
    pub limitations: Limitations,
    /// Empties everything. None where state is to be kept: `POST /_nuage/reset` is refused.
    pub reset: Option<Reset>,
}

/// A place below which bodies can be fetched: `GET <prefix><token>`.
pub struct Download {
    /// Begins with `/_nuage/` and ends with a slash.
    pub prefix: &'static str,
    /// The body that the rest of the path names; None if there is none or the token is not good.
    pub get: DownloadFn,
}

/// See [`Download::get`].
pub type DownloadFn = Arc<dyn Fn(String) -> BoxFut<'static, Option<Bytes>> + Send + Sync>;

/// Asked at every health answer.
pub type Limitations = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// Empties the store and what services keep beside it.
pub type Reset = Arc<dyn Fn() -> BoxFut<'static, Result<(), String>> + Send + Sync>;

/// The front end of the cloud.
pub struct Front {
    catalog: Catalog,
    credentials: Arc<dyn Credentials>,
    authorizer: Arc<dyn Authorizer>,
    audit: Arc<dyn Audit>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tasks: Tasks,
    version: &'static str,
    host_names: Vec<String>,
    sites: Vec<Arc<dyn Site>>,
    downloads: Vec<Download>,
    reports: Vec<Report>,
    limitations: Limitations,
    reset: Option<Reset>,
    verifier: Verifier,
    bodies: Bodies,
    connections: Connections,
    /// When it was made, by the monotonic clock.
    began: Duration,
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy)]
struct Peer {
    address: IpAddr,
    reach: Reach,
}

impl Front {
    /// Nothing listens yet: [`Front::serve`] does.
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Front {
            catalog: Catalog::new(parts.routes, &parts.known),
            credentials: parts.credentials,
            authorizer: parts.authorizer,
            audit: parts.audit,
            began: parts.clock.monotonic(),
            bodies: Bodies::new(parts.clock.clone(), parts.tasks.clone()),
            clock: parts.clock,
            entropy: parts.entropy,
            tasks: parts.tasks,
            version: parts.version,
            host_names: parts.host_names,
            sites: parts.sites,
            downloads: parts.downloads,
            reports: parts.reports,
            limitations: parts.limitations,
            reset: parts.reset,
            verifier: Verifier::default(),
            connections: Connections::new(),
        })
    }
}
