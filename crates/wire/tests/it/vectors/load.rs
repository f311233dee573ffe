//! Cases and their shapes, from JSON to the static data that the runtime works with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use wire::schema::prelude::{STRING, UNIT};
use wire::{
    Dialect, ErrorTrait, Kind, Loc, Member, Operation, Protocol, Request, Schema, Segment, Service,
    TimestampFormat,
};

/// How often a shape may contain itself before its members are cut.
const RECURSION: usize = 3;

pub struct Case {
    /// `<file>/<id>`.
    pub name: String,
    pub protocol: Protocol,
    pub service: &'static Service,
    pub operation: &'static Operation,
    pub json: Json,
}

/// Every case of the files in `folder`, in a stable order.
pub fn cases(folder: &Path) -> Vec<Case> {
    let mut files: Vec<_> = fs::read_dir(folder).expect("the folder is there").collect();
    files.sort_by_key(|file| file.as_ref().expect("the folder can be read").file_name());
    let mut cases = Vec::new();
    for file in files {
        let path = file.expect("the folder can be read").path();
        let stem = path.file_stem().expect("files have names").to_string_lossy().into_owned();
        let text = fs::read(&path).expect("the file can be read");
        let suites: Json = serde_json::from_slice(&text).expect("the file is JSON");
        for (number, suite) in suites.as_array().expect("a list of suites").iter().enumerate() {
            for (place, json) in
                suite["cases"].as_array().expect("a list of cases").iter().enumerate()
            {
                let id = json["id"].as_str();
                let id = id.map_or_else(|| format!("{number}:{place}"), String::from);
                cases.push(case(format!("{stem}/{id}"), suite, json.clone()));
            }
        }
    }
    cases
}

fn case(name: String, suite: &Json, json: Json) -> Case {
    let metadata = &suite["metadata"];
    let named = metadata["protocol"].as_str().or(metadata["protocols"][0].as_str());
    let protocol = super::protocol(named.expect("a case has a protocol"));
    let mut shapes = Shapes { json: &suite["shapes"], path: Vec::new(), known: HashMap::new() };
    let given = &json["given"];
    let shape = |role: &str, shapes: &mut Shapes<'_>| match given[role]["shape"].as_str() {
        Some(shape) => shapes.schema(shape),
        None => &UNIT,
    };
    let (input, output) = (shape("input", &mut shapes), shape("output", &mut shapes));
    let errors = given["errors"].as_array().into_iter().flatten();
    let errors: Vec<&'static Schema> =
        errors.map(|error| shapes.schema(error["shape"].as_str().expect("a name"))).collect();
    let operation_name = given["name"].as_str().unwrap_or("OperationName");
    let uri = given["http"]["requestUri"].as_str().unwrap_or("/");
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    // As botocore's own test does, because the cases do not name the wrapper.
    let wrapped = protocol == Protocol::AwsQuery && !output.members.is_empty();
    let operation: &'static Operation = Box::leak(Box::new(Operation {
        name: leak(operation_name),
        method: leak(given["http"]["method"].as_str().unwrap_or("POST")),
        path: path.split('/').filter(|s| !s.is_empty()).map(segment).collect::<Vec<_>>().leak(),
        query: query.split('&').filter(|q| !q.is_empty()).map(literal).collect::<Vec<_>>().leak(),
        status: given["http"]["responseCode"].as_u64().unwrap_or(200) as u16,
        input,
        output,
        result_wrapper: if wrapped { leak(&format!("{operation_name}Result")) } else { "" },
        errors: errors.leak(),
        generated: true,
    }));
    let service: &'static Service = Box::leak(Box::new(Service {
        name: "test",
        sdk_id: "Test",
        signing_name: "test",
        endpoint_prefix: "test",
        target_prefix: leak(metadata["targetPrefix"].as_str().unwrap_or_default()),
        version: leak(metadata["apiVersion"].as_str().unwrap_or_default()),
        xml_namespace: root_namespace(&json),
        json_version: leak(metadata["jsonVersion"].as_str().unwrap_or("1.1")),
        protocols: vec![protocol].leak(),
        query_compatible: metadata["awsQueryCompatible"].is_object(),
        dialect: Dialect::USUAL,
        operations: vec![operation].leak(),
    }));
    Case { name, protocol, service, operation, json }
}

impl Case {
    pub fn request(&self) -> Request {
        let wanted = &self.json["serialized"];
        let uri = wanted["uri"].as_str().unwrap_or("/");
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut headers = http::HeaderMap::new();
        for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
            let name = http::HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
            headers.insert(name, value.as_str().expect("text").parse().expect("a header"));
        }
        // Cases list only the headers that they are about.
        if self.protocol == Protocol::AwsJson && !headers.contains_key("x-amz-target") {
            let target = format!("{}.{}", self.service.target_prefix, self.operation.name);
            headers.insert("x-amz-target", target.parse().expect("a header"));
        }
        Request {
            method: wanted["method"].as_str().unwrap_or("POST").parse().expect("a method"),
            path: path.into(),
            query: query.into(),
            headers,
            body: body(self.protocol, wanted["body"].as_str().unwrap_or_default()).into(),
        }
    }
}

/// The bytes of a body; CBOR is given in base64.
pub fn body(protocol: Protocol, text: &str) -> Vec<u8> {
    match protocol {
        Protocol::RpcV2Cbor => STANDARD.decode(text).expect("base64"),
        _ => text.as_bytes().to_vec(),
    }
}

fn leak(text: &str) -> &'static str {
    String::leak(text.to_string())
}

fn segment(segment: &str) -> Segment {
    match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
        Some(label) => match label.strip_suffix('+') {
            Some(label) => Segment::Greedy(leak(label)),
            None => Segment::Label(leak(label)),
        },
        None => Segment::Literal(leak(segment)),
    }
}

fn literal(pair: &str) -> (&'static str, &'static str) {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    (leak(key), leak(value))
}

struct Shapes<'j> {
    json: &'j Json,
    path: Vec<String>,
    known: HashMap<String, &'static Schema>,
}

impl Shapes<'_> {
    fn schema(&mut self, name: &str) -> &'static Schema {
        if let Some(known) = self.known.get(name).filter(|_| self.path.is_empty()) {
            return known;
        }
        let json = &self.json[name];
        let mut schema = Schema::new(leak(name), kind(json));
        let cut = self.path.iter().filter(|outer| *outer == name).count() > RECURSION;
        self.path.push(name.to_string());
        let mut members = Vec::new();
        if !cut {
            for (name, json) in json["members"].as_object().into_iter().flatten() {
                members.push(self.member(name, json));
            }
        }
        // As the code generator does: every error has a text.
        let has_message = members.iter().any(|m| m.name.eq_ignore_ascii_case("message"));
        if json["exception"] == true && !has_message {
            members.push(Member::new("message", &STRING));
        }
        for inner in ["member", "key", "value"] {
            if json[inner].is_object() {
                members.push(self.member(inner, &json[inner]));
            }
        }
        self.path.pop();
        if let Some(payload) = json["payload"].as_str() {
            let index = members.iter().position(|member| member.name == payload);
            schema.payload = index.map(|index| index as u16);
        }
        schema.members = members.leak();
        schema.flattened = json["flattened"] == true;
        schema.streaming = json["streaming"] == true;
        schema.event_stream = json["eventstream"] == true;
        schema.timestamp_format = timestamp_format(json);
        schema.xml_namespace = namespace(json);
        schema.xml_name = leak(json["locationName"].as_str().unwrap_or_default());
        let values = json["enum"].as_array().into_iter().flatten().filter_map(Json::as_str);
        schema.values = values.map(leak).collect::<Vec<_>>().leak();
        schema.error = error(json);
        let schema: &'static Schema = Box::leak(Box::new(schema));
        if self.path.is_empty() {
            self.known.insert(name.to_string(), schema);
        }
        schema
    }

    fn member(&mut self, name: &str, json: &Json) -> Member {
        let target = self.schema(json["shape"].as_str().expect("a member has a shape"));
        let mut member = Member::new(leak(name), target);
        if let Some(wire) = json["locationName"].as_str() {
            member = member.wire(leak(wire));
        }
        member.query_name = leak(json["queryName"].as_str().unwrap_or_default());
        member.location = match json["location"].as_str() {
            Some("uri") => Loc::Uri,
            Some("querystring") if target.kind == Kind::Map => Loc::QueryParams,
            Some("querystring") => Loc::Query,
            Some("header") => Loc::Header,
            Some("headers") => Loc::PrefixHeaders,
            Some("statusCode") => Loc::StatusCode,
            _ if json["eventpayload"] == true => Loc::EventPayload,
            _ if json["eventheader"] == true => Loc::EventHeader,
            _ => Loc::Body,
        };
        member.flattened = json["flattened"] == true;
        member.xml_attribute = json["xmlAttribute"] == true;
        member.json_value = json["jsonvalue"] == true;
        member.timestamp_format = timestamp_format(json);
        member.xml_namespace = namespace(json);
        member
    }
}

fn kind(json: &Json) -> Kind {
    match json["type"].as_str().expect("a shape has a type") {
        "structure" if json["document"] == true => Kind::Document,
        "structure" if json["union"] == true || json["eventstream"] == true => Kind::Union,
        "structure" => Kind::Structure,
        "list" => Kind::List,
        "map" => Kind::Map,
        "integer" => Kind::Integer,
        "long" => Kind::Long,
        "float" => Kind::Float,
        "double" => Kind::Double,
        "boolean" => Kind::Boolean,
        "blob" => Kind::Blob,
        "timestamp" => Kind::Timestamp,
        _ if json["enum"].is_array() => Kind::Enum,
        _ => Kind::String,
    }
}

fn timestamp_format(json: &Json) -> Option<TimestampFormat> {
    Some(match json["timestampFormat"].as_str()? {
        "unixTimestamp" => TimestampFormat::EpochSeconds,
        "iso8601" => TimestampFormat::DateTime,
        _ => TimestampFormat::HttpDate,
    })
}

fn namespace(json: &Json) -> &'static str {
    let namespace = &json["xmlNamespace"];
    let uri = namespace["uri"].as_str().or(namespace.as_str()).unwrap_or_default();
    match namespace["prefix"].as_str() {
        Some(prefix) if !prefix.is_empty() => leak(&format!("{prefix} {uri}")),
        _ => leak(uri),
    }
}

/// The service's namespace, which the cases' metadata leave out, from the wanted answer.
fn root_namespace(case: &Json) -> &'static str {
    let body = case["response"]["body"].as_str().unwrap_or_default();
    let root = body.split('>').find(|tag| !tag.trim_start().starts_with("<?")).unwrap_or_default();
    let namespace = root.split_once(" xmlns=\"").and_then(|(_, rest)| rest.split('"').next());
    leak(namespace.unwrap_or_default())
}

fn error(json: &Json) -> Option<ErrorTrait> {
    if json["exception"] != true && !json["error"].is_object() {
        return None;
    }
    let usual = if json["fault"] == true { 500 } else { 400 };
    let status = json["error"]["httpStatusCode"].as_u64().unwrap_or(usual) as u16;
    let sender = json["error"]["senderFault"].as_bool().unwrap_or(status < 500);
    Some(ErrorTrait {
        code: leak(json["error"]["code"].as_str().unwrap_or_default()),
        status,
        sender,
    })
}
