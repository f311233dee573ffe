//! The runtime with real services, through their generated types, and with AWS's published cases.

mod dynamic;
mod events;
mod hostile;
mod messages;
mod models;
mod routes;
mod validation;
mod vectors;

use wire::{Body, Op, Protocol, Request, Response, Service};

/// Every service whose types are generated.
const SERVICES: &[&Service] = &[
    &wire_iam::SERVICE,
    &wire_kms::SERVICE,
    &wire_lambda::SERVICE,
    &wire_logs::SERVICE,
    &wire_s3::SERVICE,
    &wire_sqs::SERVICE,
    &wire_sts::SERVICE,
];

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = http::HeaderMap::new();
    for (name, value) in headers {
        map.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    Request {
        method: method.parse().unwrap(),
        path: path.into(),
        query: query.into(),
        headers: map,
        body: body.to_string().into(),
    }
}

fn find(service: &Service, request: &Request) -> (Protocol, &'static str) {
    let (protocol, operation) = service.find(request);
    (protocol, operation.map_or("", |operation| operation.name))
}

fn decode<O: Op>(service: &Service, mut request: Request) -> Result<O::Input, wire::Error> {
    let (protocol, operation) = service.find(&request);
    assert_eq!(operation.unwrap().name, O::OPERATION.name);
    service.decode_as::<O>(protocol, &mut request)
}

fn body(response: &Response) -> String {
    match &response.body {
        Body::Full(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Body::Stream(..) => panic!("the body is a stream"),
    }
}
