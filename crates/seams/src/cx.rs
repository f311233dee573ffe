//! The context of one call.

use crate::Caller;
use base::{AccountId, Arn, Region, RequestId, Time};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

/// Who calls, from where, on whose behalf: the same for a request over HTTP and for a call from service to service.
#[derive(Clone, Debug)]
pub struct CallCx {
    /// The identity that is authorized.
    pub caller: Arc<Caller>,
    /// The account in which the operation looks for resources: the caller's own.
    pub account: AccountId,
    /// The region of the request.
    pub region: Region,
    /// The id under which the answer and the log name this call.
    pub request_id: RequestId,
    /// When the front end had read the request, or the calling service began.
    pub received_at: Time,
    /// The resource on whose behalf a service calls: `aws:SourceArn`.
    pub source_arn: Option<Arn>,
    /// The address of the client: `aws:SourceIp`. None for calls between services.
    pub source_ip: Option<IpAddr>,
    /// The client's `User-Agent`; empty where there was none.
    pub user_agent: Arc<str>,
    /// How many services and functions stand between the first caller and this call, at most [`CallCx::HOPS_MAX`].
    pub hops: u8,
    /// The trace that the call belongs to.
    pub trace: Trace,
}

/// The header `X-Amzn-Trace-Id` of a request and of its answer.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// As the caller sent it, where it did: at most 1 KiB of what a header may hold.
    pub incoming: Option<Arc<str>>,
    /// What the answer carries; empty until the operation decides.
    pub outgoing: OnceLock<String>,
}

impl CallCx {
    /// Longest chain of services that call each other.
    pub const HOPS_MAX: u8 = 16;

    /// The context of a call that `caller` makes from inside another service, on behalf of `source_arn`.
    pub fn internal(
        caller: Arc<Caller>,
        region: Region,
        request_id: RequestId,
        now: Time,
        source_arn: Option<Arn>,
    ) -> Self {
        CallCx {
            account: caller.account,
            caller,
            region,
            request_id,
            received_at: now,
            source_arn,
            source_ip: None,
            user_agent: "nuage".into(),
            hops: 1,
            trace: Trace::default(),
        }
    }
}
