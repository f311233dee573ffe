//! Which protocol a request speaks, and which operation it names.

use crate::{Common, Error, Loc, Operation, Protocol, Request, Segment, Service, text};

impl Service {
    /// The protocol of `request`, and its operation or the error that AWS answers if it names none.
    pub fn find(&self, request: &Request) -> (Protocol, Result<&'static Operation, Error>) {
        let protocol = self.protocol(request);
        let operation = match protocol {
            Protocol::AwsJson => self.by_target(request),
            Protocol::RpcV2Cbor => self.by_rpc_path(request),
            Protocol::AwsQuery | Protocol::Ec2Query => self.by_action(protocol, request),
            Protocol::RestJson | Protocol::RestXml => self.by_route(protocol, request),
        };
        (protocol, operation)
    }

    /// The protocol whose marks the request bears; the service's own if it bears none.
    fn protocol(&self, request: &Request) -> Protocol {
        let content_type = request.header("content-type").unwrap_or_default();
        let form = content_type.starts_with("application/x-www-form-urlencoded");
        let marks = [
            (Protocol::RpcV2Cbor, request.header("smithy-protocol") == Some("rpc-v2-cbor")),
            (Protocol::AwsJson, request.header("x-amz-target").is_some()),
            (Protocol::AwsQuery, form || self.action(request).is_some()),
        ];
        let found = marks.into_iter().find(|(protocol, bears)| *bears && self.speaks(*protocol));
        found.map_or(self.protocols[0], |(protocol, _)| protocol)
    }

    fn by_target(&self, request: &Request) -> Result<&'static Operation, Error> {
        let target = request.header("x-amz-target").unwrap_or_default();
        let (prefix, name) = target.rsplit_once('.').unwrap_or(("", target));
        let known = (prefix == self.target_prefix).then(|| self.operation(name)).flatten();
        known.ok_or_else(|| Error::unknown_operation(self, Protocol::AwsJson, name))
    }

    /// `/service/<prefix>/operation/<name>`.
    fn by_rpc_path(&self, request: &Request) -> Result<&'static Operation, Error> {
        let name = request.path.rsplit_once("/operation/").map_or("", |(_, name)| name);
        let known = self.operation(name);
        known.ok_or_else(|| Error::unknown_operation(self, Protocol::RpcV2Cbor, name))
    }

    fn by_action(
        &self,
        protocol: Protocol,
        request: &Request,
    ) -> Result<&'static Operation, Error> {
        let Some(name) = self.action(request) else {
            let message = "The request must contain the parameter Action";
            return Err(Error::common(Common::MissingAction, message));
        };
        self.operation(&name).ok_or_else(|| Error::unknown_operation(self, protocol, &name))
    }

    /// The parameter `Action` of a form or a query string.
    fn action<'r>(&self, request: &'r Request) -> Option<std::borrow::Cow<'r, str>> {
        let form = || {
            let body = std::str::from_utf8(request.body.full()?).ok()?;
            text::parameter(body, "Action")
        };
        text::parameter(&request.query, "Action").or_else(form)
    }

    fn by_route(&self, protocol: Protocol, request: &Request) -> Result<&'static Operation, Error> {
        let parts: Vec<&str> = parts(&request.path).collect();
        let method = request.method.as_str();
        self.operations
            .iter()
            .filter(|operation| operation.method == method && matches(operation.path, &parts))
            .filter(|operation| has_literals(operation, &request.query))
            .max_by_key(|operation| specificity(operation, request))
            .copied()
            .ok_or_else(|| Error::unknown_operation(self, protocol, ""))
    }
}

/// The parts of a path between slashes. A slash at the end says nothing, except behind a greedy label, whose text ends
/// with an empty part.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn matches(segments: &[Segment], parts: &[&str]) -> bool {
    bind(segments, parts, &mut |_, _| {})
}

/// Matches `parts` against `segments` and tells `label` the parts of each label, still encoded.
fn bind<'p>(
    segments: &[Segment],
    parts: &[&'p str],
    label: &mut dyn FnMut(&'static str, &[&'p str]),
) -> bool {
    let Some((segment, rest)) = segments.split_first() else {
        return matches!(parts, [] | [""]);
    };
    match (segment, parts.split_first()) {
        (_, None) => false,
        (Segment::Literal(literal), Some((part, parts))) => {
            part == literal && bind(rest, parts, label)
        }
        (Segment::Label(_), Some((&"", _))) => false,
        (Segment::Label(name), Some((part, others))) => {
            label(name, std::slice::from_ref(part));
            bind(rest, others, label)
        }
        (Segment::Greedy(name), Some(_)) => {
            // What follows a greedy label has a fixed length.
            let Some(end) = parts.len().checked_sub(rest.len()).filter(|end| *end > 0) else {
                return false;
            };
            let (own, others) = parts.split_at(end);
            if own == [""] {
                return false;
            }
            label(name, own);
            bind(rest, others, label)
        }
    }
}

/// The labels of `path` under `operation`, decoded; a greedy label keeps its slashes.
pub(crate) fn labels(operation: &Operation, path: &str) -> Vec<(&'static str, String)> {
    let parts: Vec<&str> = parts(path).collect();
    let mut found = Vec::new();
    bind(operation.path, &parts, &mut |name, parts| {
        found.push((name, text::unescape(&parts.join("/"), false).into_owned()));
    });
    found
}

fn has_literals(operation: &Operation, query: &str) -> bool {
    operation.query.iter().all(|(key, wanted)| {
        let mut parameters = text::parameters(query);
        parameters.any(|(name, value)| name == *key && (wanted.is_empty() || value == *wanted))
    })
}

/// Of the routes that match, the most specific is meant: literal parts before labels before greedy labels, then the most
/// query literals, then (in S3, where several operations share a route) the most required parameters that are present.
fn specificity(operation: &Operation, request: &Request) -> (Vec<u8>, usize, bool, usize) {
    let path = operation.path.iter().map(|segment| match segment {
        Segment::Literal(_) => 2,
        Segment::Label(_) => 1,
        Segment::Greedy(_) => 0,
    });
    let required = operation.input.members.iter().filter(|member| member.required);
    let (mut all, mut count) = (true, 0);
    for member in required {
        let present = match member.location {
            Loc::Header => request.headers.contains_key(member.wire),
            Loc::Query => text::parameter(&request.query, member.wire).is_some(),
            _ => continue,
        };
        all &= present;
        count += usize::from(present);
    }
    (path.collect(), operation.query.len(), all, count)
}
