//! Scalars as text: in headers, labels, queries, forms and XML.

use crate::validate::Decoding;
use crate::{Error, Kind, Mut, Ref, Schema, Timestamp, TimestampFormat, Value};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use std::borrow::Cow;

/// Sets a scalar from `text`, and checks it.
pub(crate) fn set(
    value: &mut dyn Value,
    text: &str,
    schema: &'static Schema,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let wrong = || Error::serialization(format!("{text:.256} is not {}", a_kind(schema.kind)));
    match value.get_mut() {
        Mut::Boolean(target) => {
            *target = match text {
                "true" | "True" | "TRUE" => true,
                "false" | "False" | "FALSE" => false,
                _ => return Err(wrong()),
            }
        }
        Mut::Integer(target) => *target = text.parse().map_err(|_| wrong())?,
        Mut::Long(target) => *target = text.parse().map_err(|_| wrong())?,
        Mut::Float(target) => *target = float(text).ok_or_else(wrong)? as f32,
        Mut::Double(target) => *target = float(text).ok_or_else(wrong)?,
        _ => return set_string(value, text, schema, decoding),
    }
    decoding.value(schema, &value.get());
    Ok(())
}

/// Sets what JSON writes as a string, and checks it.
pub(crate) fn set_string(
    value: &mut dyn Value,
    text: &str,
    schema: &'static Schema,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let wrong = || {
        Error::serialization(format!(
            "STRING_VALUE can not be converted to {}",
            a_kind(schema.kind)
        ))
    };
    match value.get_mut() {
        Mut::String(target) => text.clone_into(target),
        Mut::Enum(target) => {
            if !target.set(text) {
                decoding.unknown_value(schema, text);
            }
            return Ok(());
        }
        Mut::Blob(target) => *target = decode_base64(text).ok_or_else(wrong)?.into(),
        Mut::Body(target) => *target = decode_base64(text).ok_or_else(wrong)?.into(),
        Mut::Timestamp(target) => *target = Timestamp::parse(text).ok_or_else(wrong)?,
        Mut::Float(target) => *target = special_float(text).ok_or_else(wrong)? as f32,
        Mut::Double(target) => *target = special_float(text).ok_or_else(wrong)?,
        _ => return Err(wrong()),
    }
    decoding.value(schema, &value.get());
    Ok(())
}

/// A scalar as text; nothing for what is not one.
pub(crate) fn scalar<'a>(value: &Ref<'a>, format: TimestampFormat) -> Cow<'a, str> {
    match value {
        Ref::Boolean(value) => if *value { "true" } else { "false" }.into(),
        Ref::Integer(value) => value.to_string().into(),
        Ref::Float(value) => show_float(f64::from(*value), value).into(),
        Ref::Double(value) => show_float(*value, value).into(),
        Ref::String(value) => (*value).into(),
        Ref::Blob(value) => encode_base64(value).into(),
        Ref::Timestamp(value) => value.format(format).into(),
        Ref::Document(value) => value.to_string().into(),
        Ref::Body(_) | Ref::None | Ref::Structure(_) | Ref::List(_) | Ref::Map(_) => "".into(),
    }
}

/// A number as Java prints it, `1.0` or `NaN`; `shown` is the number in its own width, which says how many digits.
fn show_float(number: f64, shown: &dyn std::fmt::Debug) -> String {
    match number {
        _ if number.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        _ => format!("{shown:?}"),
    }
}

/// The names that stand for what JSON has no number for.
pub(crate) fn special_float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn float(text: &str) -> Option<f64> {
    // Rust reads `inf` and `nan` in any case; the protocols know the names above only.
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.or_else(|| special_float(text))
}

pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()
}

/// `an Integer`, as AWS's messages say.
pub(crate) fn a_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "a Boolean",
        Kind::Integer => "an Integer",
        Kind::Long => "a Long",
        Kind::Float => "a Float",
        Kind::Double => "a Double",
        Kind::String | Kind::Enum => "a String",
        Kind::Blob => "a Blob",
        Kind::Timestamp => "a Timestamp",
        Kind::Document => "a Document",
        Kind::Structure | Kind::Union => "a Structure",
        Kind::List => "a List",
        Kind::Map => "a Map",
    }
}

/// Percent-decodes; what is no valid escape stays as it is. `plus` is a space in queries and forms, not in paths.
pub(crate) fn unescape(text: &str, plus: bool) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|b| *b == b'%' || plus && *b == b'+') {
        return text.into();
    }
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) if plus => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    match String::from_utf8(out) {
        Ok(text) => text.into(),
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned().into(),
    }
}

/// The first parameter of this name in a query string or a form. The others are not decoded: a body that is no form at all
/// may be searched, and be long.
pub(crate) fn parameter<'t>(text: &'t str, name: &str) -> Option<Cow<'t, str>> {
    // An escaped byte takes three.
    let names = |key: &str| key.len() <= 3 * name.len() && unescape(key, true) == name;
    text.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        names(key).then(|| unescape(value, true))
    })
}

/// The parameters of a query string or a form, decoded.
pub(crate) fn parameters(text: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescape(key, true), unescape(value, true))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(unescape("a%2Fb+c", false), "a/b+c");
        assert_eq!(unescape("a%2Fb+c", true), "a/b c");
        assert_eq!(unescape("%", true), "%");
        assert_eq!(unescape("%4", true), "%4");
        assert_eq!(unescape("%zz%41", true), "%zzA");
        assert_eq!(unescape("%ff", true), "\u{fffd}");
    }

    #[test]
    fn one_of_several_parameters() {
        let text = "a=1&Act%69on=List%2BUsers&Action=Other&empty";
        assert_eq!(parameter(text, "Action").as_deref(), Some("List+Users"));
        assert_eq!(parameter(text, "empty").as_deref(), Some(""));
        assert_eq!(parameter(text, "ction"), None);
        assert_eq!(parameter("", "Action"), None);
    }

    #[test]
    fn floats() {
        let show = |value: Ref<'_>| scalar(&value, TimestampFormat::DateTime).into_owned();
        assert_eq!(show(Ref::Double(1.0)), "1.0");
        assert_eq!(show(Ref::Float(0.1)), "0.1");
        assert_eq!(show(Ref::Double(f64::NEG_INFINITY)), "-Infinity");
        assert_eq!(float("nan"), None);
        assert!(float("NaN").is_some());
    }
}
