//! The protocol cases that AWS generates from Smithy's models and publishes in botocore's source distribution: every
//! request must be decoded to its parameters, every result encoded to its response, in all six protocols.
//!
//! `cargo xtask vectors` fetches them. Cases that can not pass stand in `vectors/exceptions.txt`, each with its reason; one that
//! passes all the same fails the test.

mod compare;
mod load;

use crate::dynamic::{self, Dynamic, Record};
use load::Case;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use wire::{Error, Protocol};

#[test]
fn requests() {
    check("input", request);
}

#[test]
fn responses() {
    check("output", response);
}

/// The folder of the cases. If it is absent the test says that it is skipped, or fails where the cases are required.
#[expect(
    clippy::disallowed_methods,
    reason = "the environment says whether the cases are required"
)]
fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/vectors/botocore");
    let folder = root.join("tests/unit/protocols");
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var("NUAGE_REQUIRE_VECTORS").is_ok_and(|value| value == "1");
    assert!(!required, "the protocol cases are not there: run `cargo xtask vectors`");
    println!(
        "skipped: wire::vectors (the protocol cases are not there: run `cargo xtask vectors`)"
    );
    None
}

fn check(direction: &str, run: fn(&Case) -> Result<(), String>) {
    let Some(folder) = folder() else { return };
    let exceptions = exceptions(direction);
    let mut unused: Vec<&String> = exceptions.keys().collect();
    let (mut passed, mut excepted, mut report) = (0, 0, String::new());
    for case in load::cases(&folder.join(direction)) {
        let result = catch_unwind(AssertUnwindSafe(|| run(&case)));
        let result = result.unwrap_or_else(|_| Err("it panics".into()));
        unused.retain(|name| **name != case.name);
        match (result, exceptions.contains_key(&case.name)) {
            (Ok(()), false) => passed += 1,
            (Err(_), true) => excepted += 1,
            (Ok(()), true) => {
                let _ = writeln!(report, "{}: passes, but is listed as an exception", case.name);
            }
            (Err(why), false) => {
                let _ = writeln!(report, "{}: {why}", case.name);
            }
        }
    }
    for name in unused {
        let _ = writeln!(report, "{name}: is listed as an exception, but there is no such case");
    }
    println!("{direction}: {passed} cases pass, {excepted} are excepted");
    assert!(report.is_empty(), "{report}");
}

/// Names and reasons, from lines such as `input rest-json/SomeCase: because`.
fn exceptions(direction: &str) -> BTreeMap<String, String> {
    include_str!("vectors/exceptions.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once(": ").expect("an exception has a reason"))
        .filter_map(|(name, reason)| {
            let name = name.strip_prefix(direction)?.trim();
            Some((name.to_string(), reason.to_string()))
        })
        .collect()
}

/// Finds the operation of the case's request and decodes it.
fn request(case: &Case) -> Result<(), String> {
    let mut request = case.request();
    let (protocol, found) = case.service.find(&request);
    let found = found.map_err(|error| format!("no operation: {error:?}"))?;
    if (protocol, found.name) != (case.protocol, case.operation.name) {
        return Err(format!("is taken for {protocol:?} {}", found.name));
    }
    let mut input = Record::new(case.operation.input);
    let decoded = case.service.decode(protocol, case.operation, &mut request, &mut input);
    decoded.map_err(|error| format!("{error:?}"))?;
    let got = dynamic::to_json(&Dynamic::Structure(input));
    let mut wanted = Record::new(case.operation.input);
    wanted.fill(&case.json["params"]);
    compare::json(&got, &dynamic::to_json(&Dynamic::Structure(wanted)))
        .map_err(|why| format!("{why}\n  got {got}"))
}

/// Encodes the case's result or error.
fn response(case: &Case) -> Result<(), String> {
    let wanted = &case.json["response"];
    let body = load::body(case.protocol, wanted["body"].as_str().unwrap_or_default());
    let headers = wanted["headers"].as_object().into_iter().flatten();
    let mut ids = headers.filter(|(name, _)| name.eq_ignore_ascii_case("x-amzn-requestid"));
    let id = ids.next().and_then(|(_, id)| id.as_str()).map(String::from);
    let request_id = id.unwrap_or_else(|| compare::request_id(&body));
    let failed = case.json["error"].is_object() || case.json["errorCode"].is_string();
    let response = if failed {
        case.service.error(case.protocol, &error(case), &request_id)
    } else {
        let mut output = Record::new(case.operation.output);
        output.fill(&case.json["result"]);
        case.service.encode(case.protocol, case.operation, &mut output, &request_id)
    };
    let status = wanted["status_code"].as_u64().unwrap_or(200);
    if u64::from(response.status) != status {
        return Err(format!("status {} instead of {status}", response.status));
    }
    for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
        // The length is the listener's business, and without a body its type says nothing.
        let no_body = response.body.full().is_some_and(|body| body.is_empty());
        let name = name.to_ascii_lowercase();
        if name == "content-length" || name == "content-type" && no_body {
            continue;
        }
        let got = response.headers.get(&name).map(|got| String::from_utf8_lossy(got.as_bytes()));
        let got = got.as_deref().map(|got| compare::header(&name, got));
        if got != value.as_str().map(|wanted| compare::header(&name, wanted)) {
            return Err(format!("header {name} is {got:?} instead of {value}"));
        }
    }
    let got = response.body.full().ok_or("the body is a stream")?;
    compare::bodies(case.protocol, got, &body)
}

/// The error that the case describes.
fn error(case: &Case) -> Error {
    let code = case.json["errorCode"].as_str().unwrap_or_default();
    let message = case.json["errorMessage"].as_str().unwrap_or_default();
    let named = |schema: &&&wire::Schema| {
        schema.name == code || schema.error.is_some_and(|error| error.code == code)
    };
    let errors = case.operation.errors.iter();
    let Some(schema) = errors.clone().find(named).or(case.operation.errors.first()) else {
        let status = case.json["response"]["status_code"].as_u64().unwrap_or(400);
        return Error::other(status as u16, code.to_string(), message);
    };
    let mut members = match &case.json["error"] {
        Json::Object(members) => members.clone(),
        _ => serde_json::Map::new(),
    };
    members.retain(|name, _| schema.members.iter().any(|member| member.name == name));
    let member = schema.members.iter().find(|m| m.name.eq_ignore_ascii_case("message"));
    if let Some(member) = member.filter(|_| !message.is_empty()) {
        members.insert(member.name.to_string(), json!(message));
    }
    let mut shape = Record::new(schema);
    shape.fill(&Json::Object(members));
    Error::modeled(shape)
}

/// Used by the modules: what a case says about a protocol.
fn protocol(name: &str) -> Protocol {
    match name {
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "json" => Protocol::AwsJson,
        "query" => Protocol::AwsQuery,
        "ec2" => Protocol::Ec2Query,
        "smithy-rpc-v2-cbor" => Protocol::RpcV2Cbor,
        other => panic!("unknown protocol {other}"),
    }
}
