//! From values to JSON.

use crate::{Kind, Loc, Member, Ref, Shape, TimestampFormat, text};
use std::io::Write;

/// Writes one value. `member` holds it, and says how its timestamps are written.
pub(crate) fn write(out: &mut Vec<u8>, value: &Ref<'_>, member: &Member) {
    // Writing to memory does not fail.
    let _ = match value {
        Ref::None => out.write_all(b"null"),
        Ref::Boolean(value) => write!(out, "{value}"),
        Ref::Integer(value) => write!(out, "{value}"),
        Ref::Float(value) if value.is_finite() => {
            serde_json::to_writer(out, value).map_err(Into::into)
        }
        Ref::Double(value) if value.is_finite() => {
            serde_json::to_writer(out, value).map_err(Into::into)
        }
        Ref::Float(_) | Ref::Double(_) => {
            string(out, &text::scalar(value, TimestampFormat::EpochSeconds));
            Ok(())
        }
        Ref::String(value) => {
            string(out, value);
            Ok(())
        }
        Ref::Blob(value) => write!(out, "\"{}\"", text::encode_base64(value)),
        Ref::Body(body) => {
            let bytes = body.full().map(|bytes| text::encode_base64(bytes));
            write!(out, "\"{}\"", bytes.unwrap_or_default())
        }
        Ref::Timestamp(value) => match member.timestamp_format_or(TimestampFormat::EpochSeconds) {
            format @ TimestampFormat::EpochSeconds => write!(out, "{}", value.format(format)),
            format => write!(out, "\"{}\"", value.format(format)),
        },
        Ref::Document(value) => serde_json::to_writer(out, value).map_err(Into::into),
        Ref::Structure(shape) => {
            out.push(b'{');
            members(out, *shape, true, false);
            out.write_all(b"}")
        }
        Ref::List(list) => {
            out.push(b'[');
            for index in 0..list.len() {
                if index > 0 {
                    out.push(b',');
                }
                write(out, &list.at(index).get(), inner(member, 0));
            }
            out.write_all(b"]")
        }
        Ref::Map(map) => {
            out.push(b'{');
            let mut first = true;
            map.each(&mut |key, value| {
                if !first {
                    out.push(b',');
                }
                first = false;
                string(out, key);
                out.push(b':');
                write(out, &value.get(), inner(member, 1));
            });
            out.write_all(b"}")
        }
    };
}

/// The element of a list (0) or the value of a map (1); documents and the like have none and are their own.
fn inner(member: &Member, index: usize) -> &Member {
    match member.target.kind {
        Kind::List | Kind::Map => member.target.members.get(index).unwrap_or(member),
        _ => member,
    }
}

/// Writes the members of a structure without its braces; with `body_only`, those that stand in the body.
pub(crate) fn members(out: &mut Vec<u8>, shape: &dyn Shape, mut first: bool, body_only: bool) {
    for (index, member) in shape.schema().members.iter().enumerate() {
        if body_only && member.location != Loc::Body {
            continue;
        }
        let value = shape.member(index).get();
        if matches!(value, Ref::None) {
            continue;
        }
        if !first {
            out.push(b',');
        }
        first = false;
        string(out, member.wire);
        out.push(b':');
        write(out, &value, member);
    }
}

/// Writes a JSON string.
pub(crate) fn string(out: &mut Vec<u8>, string: &str) {
    // Writing text to memory does not fail.
    let _ = serde_json::to_writer(out, string);
}
