//! The service, its operations and their markers.

use super::super::model::Model;
use super::super::names;
use super::literal;
use serde_json::Value;
use std::fmt::Write;

/// `lib.rs`: the service.
pub fn library(model: &Model) -> String {
    let metadata = &model.metadata;
    let text = |key: &str| literal(metadata[key].as_str().unwrap_or_default());
    let endpoint = metadata["endpointPrefix"].as_str().unwrap_or_default();
    let signing = metadata["signingName"].as_str().unwrap_or(endpoint);
    let dialect = |key: &str| &model.dialect[key];
    format!(
        "//! {}, API version {}: types, schemas and operations.\n\n#![forbid(unsafe_code)]\n\
         #![allow(clippy::module_inception, reason = \"names are the model's\")]\n\n\
         mod enums;\nmod errors;\nmod operations;\nmod shapes;\n\npub mod ops;\npub mod schema;\n\n\
         #[allow(unused_imports)]\npub use enums::*;\n#[allow(unused_imports)]\npub use errors::*;\npub use shapes::*;\n\n\
         /// The service.\npub static SERVICE: wire::Service = wire::Service {{\n\
         name: {},\nsdk_id: {},\nsigning_name: {},\nendpoint_prefix: {},\ntarget_prefix: {},\n\
         version: {},\nxml_namespace: {},\njson_version: {},\nprotocols: &[{}],\nquery_compatible: {},\n\
         dialect: wire::Dialect {{\nvalidation_code: {},\nvalidation_path_from_input: {},\nmissing_parameter: {},\ns3: {},\ninternal: {},\n}},\n\
         operations: operations::ALL,\n}};\n",
        metadata["serviceFullName"].as_str().unwrap_or_default(),
        metadata["apiVersion"].as_str().unwrap_or_default(),
        literal(&model.name),
        text("serviceId"),
        literal(signing),
        text("endpointPrefix"),
        text("targetPrefix"),
        text("apiVersion"),
        literal(&xml_namespace(metadata)),
        text("jsonVersion"),
        protocols(metadata).join(", "),
        !metadata["awsQueryCompatible"].is_null(),
        literal(dialect("validation_code").as_str().unwrap_or_default()),
        dialect("validation_path_from_input") == true,
        dialect("missing_parameter") == true,
        dialect("s3") == true,
        internal(dialect("internal")),
    )
}

/// The fault for whatever broke: the name of an error shape, and the values of its members.
fn internal(fault: &Value) -> String {
    let Some(shape) = fault["shape"].as_str() else { return "None".into() };
    let members = fault["members"].as_object().into_iter().flatten().map(|(name, value)| {
        let value = literal(value.as_str().unwrap_or_default());
        format!("{}: Some({value}.into()),", names::field(name))
    });
    format!("Some(|| {shape} {{ {} }}.into())", members.collect::<String>())
}

fn xml_namespace(metadata: &Value) -> String {
    let namespace = &metadata["xmlNamespace"];
    match namespace["uri"].as_str().or(namespace.as_str()) {
        Some(uri) => uri.to_string(),
        None if metadata["protocol"] == "ec2" => {
            let version = metadata["apiVersion"].as_str().unwrap_or_default();
            format!("http://ec2.amazonaws.com/doc/{version}/")
        }
        None => String::new(),
    }
}

/// The model's own protocol first, then the others that it lists, then what the service is compatible with.
fn protocols(metadata: &Value) -> Vec<&'static str> {
    let listed = super::super::model::strings(&metadata["protocols"]);
    let compatible = (!metadata["awsQueryCompatible"].is_null()).then_some("query");
    let mut out = Vec::new();
    for name in metadata["protocol"].as_str().into_iter().chain(listed).chain(compatible) {
        let protocol = match name {
            "rest-json" => "wire::Protocol::RestJson",
            "rest-xml" => "wire::Protocol::RestXml",
            "json" => "wire::Protocol::AwsJson",
            "query" => "wire::Protocol::AwsQuery",
            "ec2" => "wire::Protocol::Ec2Query",
            _ => "wire::Protocol::RpcV2Cbor",
        };
        if !out.contains(&protocol) {
            out.push(protocol);
        }
    }
    out
}

/// `operations.rs`: every operation of the model.
pub fn statics(model: &Model) -> String {
    let mut out =
        "//! Every operation of the model.\n\n#[allow(unused_imports)]\nuse crate::schema::*;\n\
                   #[allow(unused_imports)]\nuse wire::schema::prelude::UNIT;\n\
                   #[allow(unused_imports)]\nuse wire::{Operation, Segment::*};\n\n"
            .to_string();
    let both =
        model.operations.iter().map(|o| (o, true)).chain(model.named.iter().map(|o| (o, false)));
    let mut all: Vec<(&String, String)> = Vec::new();
    for ((name, operation), generated) in both {
        let constant = names::constant(name);
        let _ = writeln!(out, "{}", operation_static(model, name, &constant, operation, generated));
        all.push((name, constant));
    }
    all.sort();
    let listed: Vec<String> = all.iter().map(|(_, constant)| format!("&{constant}")).collect();
    let _ = writeln!(
        out,
        "/// By name.\npub(crate) static ALL: &[&Operation] = &[{}];",
        listed.join(", ")
    );
    out
}

fn operation_static(
    model: &Model,
    name: &str,
    constant: &str,
    operation: &Value,
    generated: bool,
) -> String {
    let http = &operation["http"];
    let uri = http["requestUri"].as_str().unwrap_or("/");
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let shape = |role: &str| match operation[role]["shape"].as_str().filter(|_| generated) {
        Some(shape) => model.schema(shape),
        None => "&UNIT".into(),
    };
    let errors: Vec<String> = operation["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|error| error["shape"].as_str())
        .filter(|_| generated)
        .map(|error| model.schema(error))
        .collect();
    format!(
        "pub(crate) static {constant}: Operation = Operation {{\nname: {},\nmethod: {},\npath: &[{}],\nquery: &[{}],\n\
         status: {},\ninput: {},\noutput: {},\nresult_wrapper: {},\nerrors: &[{}],\ngenerated: {generated},\n}};",
        literal(name),
        literal(http["method"].as_str().unwrap_or("POST")),
        segments(path).join(", "),
        query_literals(query).join(", "),
        http["responseCode"].as_u64().unwrap_or(200),
        shape("input"),
        shape("output"),
        literal(operation["output"]["resultWrapper"].as_str().unwrap_or_default()),
        errors.join(", "),
    )
}

fn segments(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            Some(label) => match label.strip_suffix('+') {
                Some(label) => format!("Greedy({})", literal(label)),
                None => format!("Label({})", literal(label)),
            },
            None => format!("Literal({})", literal(segment)),
        })
        .collect()
}

fn query_literals(query: &str) -> Vec<String> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            format!("({}, {})", literal(key), literal(value))
        })
        .collect()
}

/// `ops.rs`: a marker per operation.
pub fn markers(model: &Model) -> String {
    let mut out = "//! A marker per operation, which joins its name to its types.\n\n".to_string();
    for (name, operation) in &model.operations {
        let rust = |role: &str| match operation[role]["shape"].as_str() {
            Some(shape) => format!("crate::{}", names::shape_type(shape)),
            None => "wire::Unit".into(),
        };
        let marker = names::shape_type(name);
        let _ = writeln!(
            out,
            "/// `{name}`.\n#[derive(Clone, Copy, Debug)]\npub struct {marker};\nwire::operation!({marker} {}, {}, {});\n",
            rust("input"),
            rust("output"),
            names::constant(name),
        );
    }
    out
}
