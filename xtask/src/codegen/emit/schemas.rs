//! Schemas: what the codecs know of each shape.

use super::super::model::{Model, strings, target};
use super::{literal, types};
use serde_json::Value;
use std::fmt::Write;

/// The file of all schemas.
pub fn schemas(model: &Model) -> Result<String, String> {
    let mut out = "//! What the model says of each shape.\n\n#[allow(unused_imports)]\nuse wire::{Kind, Loc, Member, \
                   Pattern, Schema, TimestampFormat, schema::prelude::*};\n\n"
        .to_string();
    for name in &model.used {
        if let Some(constant) = model.constants.get(name) {
            let schema = schema(model, name)?;
            let _ = writeln!(out, "pub static {constant}: Schema = {schema};");
        }
    }
    out.push('\n');
    for (pattern, constant) in &model.patterns {
        let _ = writeln!(out, "static {constant}: Pattern = Pattern::new({});", literal(pattern));
    }
    Ok(out)
}

fn schema(model: &Model, name: &str) -> Result<String, String> {
    let shape = model.shape(name);
    let label = literal(name);
    let members = model.members(name);
    let required = types::required(model, name);
    let list: Vec<String> = members
        .iter()
        .map(|(member, reference)| {
            let required = required.contains(member) || reference["required"] == true;
            self::member(model, member, reference, required)
        })
        .collect();
    let list = list.join(", ");
    let mut out = match model.kind(name) {
        "structure" if model.is_union(name) => format!("Schema::union({label}, &[{list}])"),
        "structure" => format!("Schema::structure({label}, &[{list}])"),
        "list" => format!("Schema::list({label}, &[{list}])"),
        "map" => format!("Schema::map({label}, &[{list}])"),
        _ if shape["enum"].is_array() => {
            let values: Vec<String> = strings(&shape["enum"]).map(literal).collect();
            let open = if model.is_enum(name) { "" } else { ".open()" };
            format!("Schema::enumeration({label}, &[{}]){open}", values.join(", "))
        }
        "string" | "character" => format!("Schema::string({label})"),
        kind => format!("Schema::new({label}, Kind::{})", kind_name(kind)),
    };
    if let Some(payload) = shape["payload"].as_str() {
        let index = members.iter().position(|(member, _)| member == payload);
        let index = index.ok_or_else(|| format!("{name}: no member {payload}"))?;
        let _ = write!(out, ".payload({index})");
    }
    if model.is_error(name) {
        let error = &shape["error"];
        let status = error_status(shape);
        let code = literal(error["code"].as_str().unwrap_or_default());
        let sender = error["senderFault"].as_bool().unwrap_or(status < 500);
        let _ = write!(out, ".error({code}, {status}, {sender})");
    }
    out.push_str(&constraints(model, name)?);
    out.push_str(&flags(model, name));
    Ok(out)
}

fn kind_name(kind: &str) -> &'static str {
    match kind {
        "boolean" => "Boolean",
        "integer" => "Integer",
        "long" => "Long",
        "float" => "Float",
        "double" => "Double",
        "blob" => "Blob",
        "timestamp" => "Timestamp",
        _ => "String",
    }
}

pub fn error_status(shape: &Value) -> u64 {
    let usual = if shape["fault"] == true { 500 } else { 400 };
    shape["error"]["httpStatusCode"].as_u64().unwrap_or(usual)
}

fn constraints(model: &Model, name: &str) -> Result<String, String> {
    let shape = model.shape(name);
    let mut out = String::new();
    for key in ["min", "max"] {
        let bound = &shape[key];
        if bound.is_null() {
            continue;
        }
        let float = bound.as_f64().or_else(|| bound.as_str()?.parse().ok());
        let float = float.ok_or_else(|| format!("{name}: {key} is no number"))?;
        if float.fract() != 0.0 {
            return Err(format!("{name}: {key} is not a whole number"));
        }
        // What is beyond every number bounds nothing. A minimum of 0 stays, because messages name it.
        if float < i64::MAX as f64 {
            let _ = write!(out, ".{key}({})", float as i64);
        }
    }
    if let Some(pattern) = model.pattern(name) {
        let _ = write!(out, ".pattern(&{})", model.patterns[pattern]);
    }
    Ok(out)
}

fn flags(model: &Model, name: &str) -> String {
    let shape = model.shape(name);
    let mut out = timestamp_format(shape);
    for (key, call) in
        [("flattened", "flattened"), ("streaming", "streaming"), ("sensitive", "sensitive")]
    {
        if shape[key] == true {
            let _ = write!(out, ".{call}()");
        }
    }
    if model.is_event_stream(name) {
        out.push_str(".event_stream()");
    }
    if let Some(root) = shape["locationName"].as_str().filter(|_| model.kind(name) == "structure") {
        let _ = write!(out, ".xml_name({})", literal(root));
    }
    out + &xml_namespace(shape)
}

fn timestamp_format(json: &Value) -> String {
    let format = match json["timestampFormat"].as_str() {
        None => return String::new(),
        Some("unixTimestamp") => "EpochSeconds",
        Some("iso8601") => "DateTime",
        Some(_) => "HttpDate",
    };
    format!(".timestamp_format(TimestampFormat::{format})")
}

fn xml_namespace(json: &Value) -> String {
    let namespace = &json["xmlNamespace"];
    let Some(uri) = namespace["uri"].as_str().or(namespace.as_str()) else { return String::new() };
    let text = match namespace["prefix"].as_str() {
        Some(prefix) => format!("{prefix} {uri}"),
        None => uri.to_string(),
    };
    format!(".xml_namespace({})", literal(&text))
}

fn member(model: &Model, name: &str, json: &Value, required: bool) -> String {
    let inner = target(json);
    let mut out = format!("Member::new({}, {})", literal(name), model.schema(&inner));
    if let Some(wire) = json["locationName"].as_str().filter(|wire| *wire != name) {
        let _ = write!(out, ".wire({})", literal(wire));
    }
    if let Some(query) = json["queryName"].as_str() {
        let _ = write!(out, ".query_name({})", literal(query));
    }
    let location = match json["location"].as_str() {
        Some("uri") => "Uri",
        Some("querystring") if model.kind(&inner) == "map" => "QueryParams",
        Some("querystring") => "Query",
        Some("header") => "Header",
        Some("headers") => "PrefixHeaders",
        Some("statusCode") => "StatusCode",
        _ if json["eventpayload"] == true => "EventPayload",
        _ if json["eventheader"] == true => "EventHeader",
        _ => "",
    };
    if !location.is_empty() {
        let _ = write!(out, ".at(Loc::{location})");
    }
    for (set, call) in [
        (required, "required"),
        (json["flattened"] == true, "flattened"),
        (json["xmlAttribute"] == true, "xml_attribute"),
        (json["idempotencyToken"] == true, "idempotency_token"),
        (json["jsonvalue"] == true, "json_value"),
    ] {
        if set {
            let _ = write!(out, ".{call}()");
        }
    }
    out + &timestamp_format(json) + &xml_namespace(json)
}
