//! Hosts that belong to a service alone: what comes to them is in no protocol of AWS's APIs.

use base::BoxFut;
use seams::CallCx;
use wire::{Error, Request, Response, Service};

/// A family of host names whose requests a service answers by itself, such as URLs of functions.
pub trait Site: Send + Sync {
    /// The service that they belong to; signatures are made for it.
    fn service(&self) -> &'static Service;

    /// Whether a host is one of them. `labels` are what stands before the cloud's own domain, in lower case.
    fn owns(&self, labels: &[String]) -> bool;

    /// What an audit trail calls a request to it: `InvokeFunctionUrl`.
    fn operation(&self) -> &'static str;

    /// The largest body of a request, in bytes.
    fn body_bytes_max(&self) -> u64;

    /// Answers a request, whatever happens.
    fn answer(&self, visit: Visit) -> BoxFut<'_, Response>;
}

/// A request to a [`Site`].
pub struct Visit {
    /// What the host is called.
    pub labels: Vec<String>,
    /// The request; its body is whole.
    pub request: Request,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub http_version: &'static str,
    /// Whether it carries a signature, and why that is worth nothing.
    pub signed: Result<bool, Error>,
    /// Who asks: whom the signature proves, or nobody.
    pub cx: CallCx,
}
