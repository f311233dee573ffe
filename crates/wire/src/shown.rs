//! A shape as an audit trail shows it: JSON whose names begin with a small letter, and nothing that the model marks
//! sensitive.

use crate::{Ref, Schema, Shape, Value};

/// What stands for a sensitive member of a request.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
/// Longest list that is shown whole; the rest of a longer one is left out.
const ELEMENTS_MAX: usize = 100;

/// How a shape is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Sensitive members are there, but not their values.
    Request,
    /// Sensitive members are left out.
    Answer,
}

/// The members of `shape` that are present. Bodies and blobs are left out.
pub fn shown(shape: &dyn Shape, how: Shown) -> serde_json::Map<String, serde_json::Value> {
    let schema = shape.schema();
    let mut out = serde_json::Map::new();
    for (index, member) in schema.members.iter().enumerate() {
        let value = shape.member(index);
        // Session tokens are no secret in the models; here they are what credentials follow from.
        let is_secret = member.target.sensitive || member.name == "SessionToken";
        if let Some(value) = element(value, member.target, is_secret, how) {
            out.insert(decapitalized(member.name), value);
        }
    }
    out
}

fn element(
    value: &dyn Value,
    schema: &'static Schema,
    is_secret: bool,
    how: Shown,
) -> Option<serde_json::Value> {
    let read = value.get();
    if matches!(read, Ref::None) {
        return None;
    }
    if is_secret || schema.sensitive {
        return (how == Shown::Request).then(|| HIDDEN.into());
    }
    Some(match read {
        Ref::None | Ref::Blob(_) | Ref::Body(_) | Ref::Document(_) => return None,
        Ref::Boolean(value) => value.into(),
        Ref::Integer(value) => value.into(),
        Ref::Float(value) => f64::from(value).into(),
        Ref::Double(value) => value.into(),
        Ref::String(value) => value.into(),
        Ref::Timestamp(value) => value.seconds().into(),
        Ref::Structure(value) => shown(value, how).into(),
        Ref::List(list) => {
            let inner = schema.members.first().map(|member| member.target)?;
            let elements = (0..list.len().min(ELEMENTS_MAX))
                .filter_map(|index| element(list.at(index), inner, false, how));
            serde_json::Value::Array(elements.collect())
        }
        Ref::Map(map) => {
            let inner = schema.members.last().map(|member| member.target)?;
            let mut out = serde_json::Map::new();
            map.each(&mut |key, value| {
                if let Some(value) = element(value, inner, false, how) {
                    out.insert(key.to_string(), value);
                }
            });
            out.into()
        }
    })
}

fn decapitalized(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
