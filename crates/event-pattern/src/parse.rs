//! From a JSON text to the alternatives of a pattern.

use crate::limits::ALTERNATIVES_MAX;
use crate::test::{Comparison, Test, Text};
use crate::{Field, Invalid};
use serde_json::{Map, Value};
use std::net::IpAddr;

type Result<T> = std::result::Result<T, Invalid>;
type Alternatives = Vec<Vec<Field>>;

fn invalid<T>(reason: impl Into<String>) -> Result<T> {
    Err(Invalid { reason: reason.into() })
}

/// Reads a pattern.
pub fn alternatives(text: &str) -> Result<Alternatives> {
    let Ok(Value::Object(members)) = serde_json::from_str(text) else {
        return invalid("Filter is not an object");
    };
    object(&members, "")
}

fn object(members: &Map<String, Value>, path: &str) -> Result<Alternatives> {
    if members.is_empty() {
        return invalid("Empty objects are not allowed");
    }
    let mut all: Alternatives = vec![Vec::new()];
    for (name, member) in members {
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let these = match member {
            Value::Array(list) if name == "$or" && is_or(list) => or(list, path)?,
            Value::Object(members) => object(members, &inner)?,
            Value::Array(list) => vec![vec![Field { path: inner, tests: tests(list)? }]],
            _ => return invalid(format!("\"{name}\" must be an object or an array")),
        };
        if all.len() * these.len() > ALTERNATIVES_MAX {
            return invalid("Rule is too complex - try using fewer or smaller arrays within $or");
        }
        all = all
            .iter()
            .flat_map(|one| these.iter().map(move |other| [one.as_slice(), other].concat()))
            .collect();
    }
    Ok(all)
}

/// `$or` is a field's name like any other unless it has two objects or more.
fn is_or(list: &[Value]) -> bool {
    list.len() >= 2 && list.iter().all(Value::is_object) && !list.iter().all(is_expression)
}

fn is_expression(value: &Value) -> bool {
    let names = [
        "exists",
        "equals-ignore-case",
        "prefix",
        "suffix",
        "anything-but",
        "numeric",
        "cidr",
        "wildcard",
    ];
    value.as_object().is_some_and(|object| object.keys().all(|name| names.contains(&name.as_str())))
}

fn or(list: &[Value], path: &str) -> Result<Alternatives> {
    let mut all = Vec::new();
    for members in list.iter().filter_map(Value::as_object) {
        all.extend(object(members, path)?);
    }
    Ok(all)
}

fn tests(list: &[Value]) -> Result<Vec<Test>> {
    if list.is_empty() {
        return invalid("Empty arrays are not allowed");
    }
    list.iter().map(test).collect()
}

fn test(value: &Value) -> Result<Test> {
    match value {
        Value::Object(members) => expression(members),
        Value::Array(_) => invalid("Match value must be String, number, true, false, or null"),
        _ => Ok(scalar(value)),
    }
}

fn scalar(value: &Value) -> Test {
    match value.as_f64() {
        Some(number) => Test::Number(number),
        None => Test::Equals(value.clone()),
    }
}

fn expression(members: &Map<String, Value>) -> Result<Test> {
    let Some((name, value)) = members.iter().next() else {
        return invalid("Empty objects are not allowed");
    };
    if members.len() > 1 {
        return invalid("Only one key allowed in match expression");
    }
    match name.as_str() {
        "exists" => match value {
            Value::Bool(wanted) => Ok(Test::Exists(*wanted)),
            _ => invalid("exists match pattern must be either true or false."),
        },
        "equals-ignore-case" => Ok(Test::EqualsIgnoreCase(string(name, value)?.to_lowercase())),
        "prefix" => Ok(Test::Prefix(affix(name, value)?)),
        "suffix" => Ok(Test::Suffix(affix(name, value)?)),
        "wildcard" => wildcard(string(name, value)?),
        "numeric" => numeric(value),
        "cidr" => cidr(string(name, value)?),
        "anything-but" => anything_but(value).map(Test::AnythingBut),
        _ => invalid(format!("Unrecognized match type {name}")),
    }
}

fn string<'v>(name: &str, value: &'v Value) -> Result<&'v str> {
    match value.as_str() {
        Some(text) => Ok(text),
        None => invalid(format!("{name} match pattern must be a string")),
    }
}

fn affix(name: &str, value: &Value) -> Result<Text> {
    match value.as_object() {
        Some(members) if members.len() == 1 && members.contains_key("equals-ignore-case") => {
            let text = string("equals-ignore-case", &members["equals-ignore-case"])?;
            Ok(Text { text: text.to_lowercase(), ignore_case: true })
        }
        _ => Ok(Text { text: string(name, value)?.to_string(), ignore_case: false }),
    }
}

/// A star stands for anything; `\*` and `\\` for themselves.
fn wildcard(text: &str) -> Result<Test> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut characters = text.chars().enumerate();
    let mut star = None;
    while let Some((at, character)) = characters.next() {
        match character {
            '*' if star == Some(at) => {
                return invalid(format!("Consecutive wildcard characters at pos {at}"));
            }
            '*' => {
                star = Some(at + 1);
                parts.push(std::mem::take(&mut part));
            }
            '\\' => match characters.next() {
                Some((_, escaped @ ('*' | '\\'))) => part.push(escaped),
                _ => return invalid(format!("Invalid escape character at pos {at}")),
            },
            other => part.push(other),
        }
    }
    parts.push(part);
    Ok(Test::Wildcard(parts))
}

/// `["=", 5]`, or one or two bounds.
fn numeric(value: &Value) -> Result<Test> {
    let Some(list) = value.as_array() else {
        return invalid("Value of numeric must be an array");
    };
    let mut bounds: Vec<(Comparison, f64)> = Vec::new();
    let mut members = list.iter();
    while let Some(member) = members.next() {
        let Some(operator) = member.as_str() else {
            return invalid(format!("Invalid member in numeric match: {member}"));
        };
        let comparison = match operator {
            "=" => Comparison::Equal,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return invalid(format!("Unrecognized numeric range operator: {operator}")),
        };
        let upper = matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
        if let Some((first, _)) = bounds.first() {
            let lower_first = matches!(first, Comparison::Greater | Comparison::GreaterOrEqual);
            if bounds.len() > 1 || !lower_first {
                return invalid("Too many elements in numeric expression");
            }
            if !upper {
                return invalid(format!("Bad numeric range operator: {operator}"));
            }
        }
        let Some(number) = members.next().and_then(Value::as_f64) else {
            let name = if operator == "=" { "equals" } else { operator };
            return invalid(format!("Value of {name} must be numeric"));
        };
        if bounds.first().is_some_and(|(_, bottom)| *bottom >= number) {
            return invalid("Bottom must be less than top");
        }
        bounds.push((comparison, number));
    }
    if bounds.is_empty() {
        return invalid("Invalid member in numeric match: ]");
    }
    Ok(Test::Numeric(bounds))
}

fn cidr(text: &str) -> Result<Test> {
    let Some((address, bits)) = text.split_once('/') else {
        return invalid("Malformed CIDR, one '/' required");
    };
    let Ok(bits) = bits.parse::<u8>() else {
        return invalid("Malformed CIDR, mask bits must be an integer");
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return invalid(format!("Nonstandard IP address: {address}"));
    };
    match address {
        IpAddr::V4(_) if bits > 32 => invalid("IPv4 mask bits must be < 32"),
        IpAddr::V6(_) if bits > 128 => invalid("IPv6 mask bits must be < 128"),
        _ => Ok(Test::Cidr(address, bits)),
    }
}

const ANYTHING_BUT: &str = "Value of anything-but must be an array or single string/number value.";

fn anything_but(value: &Value) -> Result<Vec<Test>> {
    match value {
        Value::String(_) | Value::Number(_) => Ok(vec![scalar(value)]),
        Value::Array(list) => {
            if list.is_empty() {
                return invalid("Empty arrays are not allowed");
            }
            if !list.iter().all(|one| one.is_string() || one.is_number()) {
                return invalid("Inside anything but list, start|null|boolean is not supported.");
            }
            if list.iter().any(Value::is_string) && list.iter().any(Value::is_number) {
                return invalid(
                    "Inside anything but list, either all values are number or string, mixed type is not supported",
                );
            }
            Ok(list.iter().map(scalar).collect())
        }
        Value::Object(members) => {
            let Some((name, value)) = members.iter().next() else {
                return invalid("Empty objects are not allowed");
            };
            anything_but_expression(name, value)
        }
        _ => invalid(ANYTHING_BUT),
    }
}

fn anything_but_expression(name: &str, value: &Value) -> Result<Vec<Test>> {
    if !matches!(name, "equals-ignore-case" | "prefix" | "suffix" | "wildcard") {
        return invalid(format!("Unsupported anything-but pattern: {name}"));
    }
    let values = match value {
        Value::Array(list) if list.is_empty() => return invalid("Empty arrays are not allowed"),
        Value::Array(list) => list.as_slice(),
        Value::Object(_) => return invalid(ANYTHING_BUT),
        one => std::slice::from_ref(one),
    };
    values
        .iter()
        .map(|value| match (name, value.as_str()) {
            ("prefix" | "suffix", Some("")) => invalid("Null prefix/suffix not allowed"),
            ("prefix", Some(text)) => {
                Ok(Test::Prefix(Text { text: text.to_string(), ignore_case: false }))
            }
            ("suffix", Some(text)) => {
                Ok(Test::Suffix(Text { text: text.to_string(), ignore_case: false }))
            }
            ("wildcard", Some(text)) => wildcard(text),
            (_, Some(text)) => Ok(Test::EqualsIgnoreCase(text.to_lowercase())),
            ("prefix" | "suffix", None) => {
                invalid("prefix/suffix match pattern must be a string")
            }
            ("wildcard", None) => invalid("wildcard match pattern must be a string"),
            (_, None) => invalid(
                "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
            ),
        })
        .collect()
}
