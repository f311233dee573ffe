//! Which service a request is for.

use crate::hosts;
use crate::sigv4::Claim;
use rt::Routes;
use wire::{Protocol, Request, Service};

/// Every service that is known; most of them are built.
pub(crate) struct Catalog {
    entries: Vec<Entry>,
}

/// A service, with its operations if it is built.
pub(crate) struct Entry {
    pub(crate) service: &'static Service,
    pub(crate) routes: Option<Routes>,
}

impl Catalog {
    /// `known` are services whose operations have names here, but may not be built.
    pub(crate) fn new(built: Vec<Routes>, known: &[&'static Service]) -> Self {
        let mut entries: Vec<Entry> = built
            .into_iter()
            .map(|routes| Entry { service: routes.service(), routes: Some(routes) })
            .collect();
        for service in known {
            if !entries.iter().any(|entry| entry.service.name == service.name) {
                entries.push(Entry { service, routes: None });
            }
        }
        entries.sort_by_key(|entry| entry.service.name);
        Catalog { entries }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The service as the head of `request` names it. Most certain first: what was signed, then what the protocols put
    /// into headers and paths, then the name under which the client reached this machine. If the request is signed for a
    /// service that is not known, nothing else counts.
    pub(crate) fn by_head(&self, request: &Request, claim: Option<&Claim<'_>>) -> Option<&Entry> {
        let target = request.header("x-amz-target").and_then(|target| target.rsplit_once('.'));
        let target = target.map(|(prefix, _)| prefix);
        let by_target = |entry: &&Entry| {
            target.is_some_and(|t| !t.is_empty() && t == entry.service.target_prefix)
        };
        if let Some(claim) = claim {
            let signed = |entry: &&Entry| entry.service.signing_name == claim.service();
            // Several services may share a signing name, as DynamoDB and its streams do.
            let exact = self.entries.iter().find(|entry| signed(entry) && by_target(entry));
            return exact.or_else(|| self.entries.iter().find(signed));
        }
        self.entries
            .iter()
            .find(by_target)
            .or_else(|| self.by_rpc_path(&request.path))
            .or_else(|| self.by_host(request.header("host")?))
    }

    /// The service that an unsigned request without further marks is for: by the version that the query protocols name,
    /// else by its path; a path that no service has is an object of S3.
    pub(crate) fn by_content(&self, request: &Request) -> Option<&Entry> {
        self.by_version(request)
            .or_else(|| self.by_path(request))
            .or_else(|| self.entries.iter().find(|entry| entry.service.dialect.s3))
    }

    /// `/service/<prefix>/operation/<name>` of rpc v2.
    fn by_rpc_path(&self, path: &str) -> Option<&Entry> {
        let prefix = path.strip_prefix("/service/")?.split_once("/operation/")?.0;
        self.entries.iter().find(|entry| {
            entry.service.speaks(Protocol::RpcV2Cbor) && entry.service.target_prefix == prefix
        })
    }

    fn by_host(&self, host: &str) -> Option<&Entry> {
        let by_prefix =
            |label: &str| self.entries.iter().find(|entry| entry.service.endpoint_prefix == label);
        by_prefix(&hosts::service(host, |label| by_prefix(label).is_some())?)
    }

    fn by_version(&self, request: &Request) -> Option<&Entry> {
        let body = request.body.full().and_then(|body| std::str::from_utf8(body).ok());
        let form = [request.query.as_str(), body.unwrap_or_default()];
        let parameter = |name: &str| {
            form.iter()
                .flat_map(|form| form.split('&'))
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        parameter("Action")?;
        let version = parameter("Version")?;
        self.entries.iter().find(|entry| {
            let service = entry.service;
            service.version == version
                && (service.speaks(Protocol::AwsQuery) || service.speaks(Protocol::Ec2Query))
        })
    }

    fn by_path(&self, request: &Request) -> Option<&Entry> {
        self.entries.iter().find(|entry| {
            entry.service.protocols[0] == Protocol::RestJson
                && entry.service.find(request).1.is_ok()
        })
    }
}
