//! From values to CBOR (RFC 8949).

use crate::{Ref, Shape};

/// Begins a map of unknown length.
const MAP_OPEN: u8 = 0xbf;
/// Ends one.
const BREAK: u8 = 0xff;

/// A structure; `first` are entries to stand before its members.
pub(crate) fn structure(out: &mut Vec<u8>, first: &[(&str, &str)], shape: Option<&dyn Shape>) {
    out.push(MAP_OPEN);
    for (key, value) in first {
        string(out, key);
        string(out, value);
    }
    if let Some(shape) = shape {
        members(out, shape);
    }
    out.push(BREAK);
}

fn members(out: &mut Vec<u8>, shape: &dyn Shape) {
    for (index, member) in shape.schema().members.iter().enumerate() {
        let value = shape.member(index).get();
        if !matches!(value, Ref::None) {
            string(out, member.wire);
            write(out, &value);
        }
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    head(out, 3, text.len() as u64);
    out.extend(text.as_bytes());
}

fn write(out: &mut Vec<u8>, value: &Ref<'_>) {
    match value {
        Ref::None => out.push(0xf6),
        Ref::Boolean(value) => out.push(0xf4 + u8::from(*value)),
        // The argument of a negative number n is -1 - n, which is its complement.
        Ref::Integer(value) if *value < 0 => head(out, 1, !value as u64),
        Ref::Integer(value) => head(out, 0, *value as u64),
        Ref::Float(value) => {
            out.push(0xfa);
            out.extend(value.to_be_bytes());
        }
        Ref::Double(value) => double(out, *value),
        Ref::String(value) => string(out, value),
        Ref::Blob(value) => bytes(out, value),
        Ref::Body(body) => bytes(out, body.full().map_or(&[], |bytes| &bytes[..])),
        Ref::Timestamp(value) => {
            // Tag 1: seconds since the epoch.
            out.push(0xc1);
            match value.subsec_nanoseconds() {
                0 => write(out, &Ref::Integer(value.seconds())),
                _ => double(out, value.epoch_seconds()),
            }
        }
        // The protocol has no documents: the model never gives one to a service that speaks it.
        Ref::Document(_) => out.push(0xf6),
        Ref::Structure(shape) => structure(out, &[], Some(*shape)),
        Ref::List(list) => {
            head(out, 4, list.len() as u64);
            for index in 0..list.len() {
                write(out, &list.at(index).get());
            }
        }
        Ref::Map(map) => {
            head(out, 5, map.len() as u64);
            map.each(&mut |key, value| {
                string(out, key);
                write(out, &value.get());
            });
        }
    }
}

fn double(out: &mut Vec<u8>, value: f64) {
    out.push(0xfb);
    out.extend(value.to_be_bytes());
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    head(out, 2, bytes.len() as u64);
    out.extend(bytes);
}

/// A major type and its argument in the fewest bytes.
fn head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    match argument {
        0..=23 => out.push(major | argument as u8),
        24..=0xff => out.extend([major | 24, argument as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend((argument as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend((argument as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend(argument.to_be_bytes());
        }
    }
}
