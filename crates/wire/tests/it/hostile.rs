//! Input that means harm: no bytes may make the decoders panic, hang or take much memory.

use crate::dynamic::{self, Dynamic, Record};
use crate::{FORM, SERVICES, request};
use proptest::prelude::*;
use wire::{Operation, Protocol, Request, Service};

/// Decodes into a value of no Rust type, so that every protocol can be tried on every operation.
fn decode(
    service: &'static Service,
    protocol: Protocol,
    operation: &'static Operation,
    mut request: Request,
) {
    let mut input = Record::new(operation.input);
    let _ = service.decode(protocol, operation, &mut request, &mut input);
    let _ = dynamic::to_json(&Dynamic::Structure(input));
}

/// Bodies that are nearly right, by protocol.
fn seeds(protocol: Protocol) -> &'static [&'static [u8]] {
    match protocol {
        Protocol::AwsJson | Protocol::RestJson => &[
            br#"{"FunctionName":"f","Role":"r","Code":{"ZipFile":"UEs="},"Layers":["x"],"Environment":{"Variables":{"A":"b"}}}"#,
            br#"{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1e3,"message":"m"}],"tags":{"k":null}}"#,
            br#"[[[{"a":[1,-2.5e300,true,null,"\u00e4"]}]]]"#,
        ],
        Protocol::RestXml => &[
            b"<?xml version=\"1.0\"?><Delete xmlns=\"a\"><Object><Key>k&amp;&#65;</Key></Object><Quiet/></Delete>",
            b"<Tagging><TagSet><Tag><Key>k</Key><Value><![CDATA[v]]></Value></Tag></TagSet></Tagging>",
        ],
        Protocol::AwsQuery | Protocol::Ec2Query => &[
            b"Action=CreateRole&Version=1&RoleName=r&Tags.member.1.Key=k&Tags.member.999999999.Value=v",
            b"Action=SendMessageBatch&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n&a..b=%zz",
        ],
        Protocol::RpcV2Cbor => &[
            b"\xbf\x61a\x9f\x01\xff\x61b\xa1\x61c\xc1\xfb\x41\xd9\x00\x00\x00\x00\x00\x00\xff",
            b"\xa1\x68QueueUrl\x7f\x61a\x61b\xff",
        ],
    }
}

const PROTOCOLS: &[Protocol] = &[
    Protocol::RestJson,
    Protocol::RestXml,
    Protocol::AwsJson,
    Protocol::AwsQuery,
    Protocol::Ec2Query,
    Protocol::RpcV2Cbor,
];

/// A change to a body: at a place (of 65,536), a byte, and what is done with it.
type Change = (u16, u8, u8);

fn mutate(mut body: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for (place, byte, what) in changes {
        let at = usize::from(*place) * body.len() / 65_536;
        match what % 5 {
            0 if at < body.len() => body[at] = *byte,
            1 => body.insert(at, *byte),
            2 if at < body.len() => drop(body.remove(at)),
            3 => body.truncate(at),
            _ => {
                let copy: Vec<u8> = body[at..].iter().copied().take(usize::from(*byte)).collect();
                body.splice(at..at, copy);
            }
        }
    }
    body
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn mutated_bodies(
        protocol in 0..PROTOCOLS.len(),
        service in 0..SERVICES.len(),
        operation: prop::sample::Index,
        seed: prop::sample::Index,
        changes in prop::collection::vec(any::<Change>(), 0..8),
    ) {
        let (protocol, service) = (PROTOCOLS[protocol], SERVICES[service]);
        let operation = *operation.get(service.operations);
        let body = mutate(seed.get(seeds(protocol)).to_vec(), &changes);
        let mut request = request("POST", "/a/b%2", &[], "");
        request.body = body.into();
        decode(service, protocol, operation, request);
    }

    #[test]
    fn arbitrary_requests(
        service in 0..SERVICES.len(),
        path in "(/|%|\\PC){0,40}",
        query in "(&|=|%|\\.|[a-zA-Z0-9]|\\PC){0,60}",
        header in "[ -~]{0,40}",
        body: Vec<u8>,
    ) {
        let service = SERVICES[service];
        for name in ["content-type", "x-amz-target", "smithy-protocol", "x-amz-meta-a", "x-amz-mfa", "if-match"] {
            let mut request = request("PUT", "/", &[(name, &header)], "");
            request.path = path.clone();
            request.query = query.clone();
            request.body = body.clone().into();
            let (protocol, operation) = service.find(&request);
            match operation {
                Ok(operation) => decode(service, protocol, operation, request),
                Err(error) => drop(service.error(protocol, &error, "id")),
            }
        }
    }

    #[test]
    fn heads(
        operation: prop::sample::Index,
        labels in prop::collection::vec("(%|/|[^/]){1,20}", 0..6),
        query in "(&|=|,|%|[a-zA-Z0-9-]){0,60}",
        value in "(\"|,|\\\\|[ -~]){0,40}",
    ) {
        let service = &wire_s3::SERVICE;
        let operation = *operation.get(service.operations);
        let names = operation.input.members.iter().filter(|m| m.location == wire::Loc::Header);
        let headers: Vec<(&str, &str)> = names.map(|m| (m.wire, value.as_str())).collect();
        let mut request = request("GET", "/", &headers, "");
        request.path = format!("/{}", labels.join("/"));
        request.query = query;
        decode(service, Protocol::RestXml, operation, request);
    }
}

#[test]
fn bodies_that_grow() {
    let operation = wire_lambda::SERVICE.operation("CreateFunction").unwrap();
    let deep = |open: &str, count| open.repeat(count);
    let logs = wire_logs::SERVICE.operation("PutLogEvents").unwrap();
    let many = format!(r#"{{"logEvents":[{}]}}"#, "{},".repeat(200_000));
    let cases = [
        (Protocol::RestJson, &wire_lambda::SERVICE, operation, deep("[", 1_000_000)),
        (Protocol::RestJson, &wire_lambda::SERVICE, operation, deep(r#"{"Code":"#, 100_000)),
        (
            Protocol::RestXml,
            &wire_s3::SERVICE,
            wire_s3::SERVICE.operation("PutBucketTagging").unwrap(),
            deep("<Tagging>", 300_000),
        ),
        (Protocol::AwsJson, &wire_logs::SERVICE, logs, many),
        (
            Protocol::AwsQuery,
            &wire_iam::SERVICE,
            wire_iam::SERVICE.operation("CreateRole").unwrap(),
            deep("a.", 500_000),
        ),
        (
            Protocol::AwsQuery,
            &wire_iam::SERVICE,
            wire_iam::SERVICE.operation("CreateRole").unwrap(),
            deep("a&", 500_000),
        ),
    ];
    for (protocol, service, operation, body) in cases {
        let mut input = Record::new(operation.input);
        let mut request = request("PUT", "/b", &[], &body);
        let result = service.decode(protocol, operation, &mut request, &mut input);
        assert!(result.is_err(), "{protocol:?} {} is read", operation.name);
    }
}

#[test]
fn list_indexes_are_names() {
    let form = "Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=x&Tags.member.4294967295.Key=k\
                &Tags.member.4294967295.Value=v&Tags.member.99999999999999999999.Key=x";
    let input = crate::decode::<wire_iam::ops::CreateRole>(
        &wire_iam::SERVICE,
        request("POST", "/", &[FORM], form),
    );
    assert_eq!(input.unwrap().tags.unwrap().len(), 1);
}
