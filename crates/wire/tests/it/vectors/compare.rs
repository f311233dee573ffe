//! Whether two messages say the same.

use quick_xml::events::Event;
use serde_json::{Map, Value as Json, json};
use wire::{Protocol, Timestamp, TimestampFormat};

/// Same values; numbers by value.
pub fn json(got: &Json, wanted: &Json) -> Result<(), String> {
    if normal(got) == normal(wanted) { Ok(()) } else { Err(format!("wanted {wanted}")) }
}

fn normal(value: &Json) -> Json {
    match value {
        Json::String(text) if text.contains('#') => json!(bare_name(text)),
        Json::String(text) => json!(in_utc(text)),
        // Shortened to the precision of a float, which some cases have and JSON does not tell.
        Json::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            let float = number as f32;
            if (f64::from(float) - number).abs() < 1e-6 { json!(float) } else { json!(number) }
        }
        Json::Array(values) => values.iter().map(normal).collect(),
        Json::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            Json::Object(
                sorted.into_iter().map(|(name, value)| (name.clone(), normal(value))).collect(),
            )
        }
        other => other.clone(),
    }
}

/// A date and time with an offset as the server writes the same instant: in UTC.
fn in_utc(text: &str) -> String {
    let offset = text.is_ascii()
        && text.len() > 19
        && text[19..].contains(['+', '-'])
        && text.as_bytes()[10] == b'T';
    let time = Timestamp::parse(text).filter(|_| offset);
    time.map_or_else(|| text.to_string(), |time| time.format(TimestampFormat::DateTime))
}

/// The error's name without its namespace and its address, which clients must take off.
fn bare_name(name: &str) -> &str {
    let name = name.rsplit_once('#').map_or(name, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

/// What matters of a header.
pub fn header<'h>(name: &str, value: &'h str) -> &'h str {
    match name {
        "content-type" => value.split(';').next().unwrap_or(value),
        "x-amzn-errortype" => bare_name(value),
        _ => value,
    }
}

/// Compares the bodies of two responses.
pub fn bodies(protocol: Protocol, got: &[u8], wanted: &[u8]) -> Result<(), String> {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let shown = || format!("got {:?}, wanted {:?}", text(got), text(wanted));
    if got == wanted {
        return Ok(());
    }
    let (got, wanted) = match protocol {
        Protocol::RpcV2Cbor => (cbor(got), cbor(wanted)),
        // Cases without anything in the body leave open whether there is one.
        Protocol::AwsJson | Protocol::RestJson if wanted.is_empty() && got == b"{}" => {
            return Ok(());
        }
        Protocol::AwsQuery if wanted.is_empty() => (xml(&text(got)), envelope(&text(got))),
        Protocol::AwsJson | Protocol::RestJson => {
            (serde_json::from_slice(got).ok(), serde_json::from_slice(wanted).ok())
        }
        _ => (xml(&text(got)), xml(&text(wanted))),
    };
    match (got, wanted) {
        (Some(got), Some(wanted)) => {
            json(&got, &wanted).map_err(|_| format!("{}\n  got {got}\n  wanted {wanted}", shown()))
        }
        _ => Err(shown()),
    }
}

/// The request id in a body, so that the answer can bear the same.
pub fn request_id(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let lower = text.to_ascii_lowercase();
    let found = lower.find("<requestid>").map(|at| &text[at + "<requestid>".len()..]);
    found.and_then(|rest| rest.split('<').next()).unwrap_or("id").to_string()
}

/// A document as JSON: per name the list of elements so called. The order of different elements says nothing.
fn xml(text: &str) -> Option<Json> {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut stack: Vec<(String, Map<String, Json>, String)> = vec![Default::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let mut members = Map::new();
                for attribute in start.attributes() {
                    let attribute = attribute.ok()?;
                    members
                        .insert(format!("@{}", attribute.key.into_inner()), json!(attribute.value));
                }
                let name = start.name().into_inner().to_string();
                stack.push((name, members, String::new()));
            }
            Event::End(_) => {
                let (name, members, text) = stack.pop()?;
                // Text between elements says nothing.
                let has_elements = members.keys().any(|key| !key.starts_with('@'));
                let blank = has_elements || text.trim().is_empty();
                let text = if blank { String::new() } else { text };
                let element = json!({ "members": members, "text": text });
                let siblings = stack.last_mut()?.1.entry(name).or_insert_with(|| json!([]));
                siblings.as_array_mut()?.push(element);
            }
            Event::Text(text) => stack.last_mut()?.2.push_str(&text.xml10_content()),
            Event::CData(text) => stack.last_mut()?.2.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let c = match &*reference {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    _ => reference.resolve_char_ref().ok()??,
                };
                stack.last_mut()?.2.push(c);
            }
            Event::Eof => return stack.pop().map(|(_, members, _)| without_request_id(members)),
            _ => {}
        }
    }
}

/// Some cases leave out the request's id, which every answer bears.
fn without_request_id(mut document: Map<String, Json>) -> Json {
    for root in document.values_mut().filter_map(|roots| roots[0]["members"].as_object_mut()) {
        for name in ["ResponseMetadata", "RequestId", "requestId", "RequestID"] {
            root.remove(name);
        }
    }
    Json::Object(document)
}

/// An answer with nothing in it but its root.
fn envelope(got: &str) -> Option<Json> {
    let root = got.strip_prefix('<')?.split(['>', ' ']).next()?;
    Some(json!({ root: [{ "members": {}, "text": "" }] }))
}

/// CBOR as JSON; bytes as text.
fn cbor(bytes: &[u8]) -> Option<Json> {
    let mut rest = bytes;
    let value = cbor_item(&mut rest)?;
    rest.is_empty().then_some(value)
}

fn cbor_item(rest: &mut &[u8]) -> Option<Json> {
    let first = take(rest, 1)?[0];
    let (major, info) = (first >> 5, first & 31);
    let argument = match info {
        0..=23 => Some(u64::from(info)),
        24..=27 => {
            Some(take(rest, 1 << (info - 24))?.iter().fold(0, |sum, b| sum << 8 | u64::from(*b)))
        }
        _ => None,
    };
    let ends = |rest: &mut &[u8], read: u64| match argument {
        Some(length) => read == length,
        None => rest.first() == Some(&0xff) && take(rest, 1).is_some(),
    };
    Some(match (major, info) {
        (0, _) => json!(argument?),
        (1, _) => json!(-1 - argument? as i64),
        (2 | 3, 31) => {
            let mut whole = String::new();
            while !ends(rest, 0) {
                whole.push_str(cbor_item(rest)?.as_str()?);
            }
            json!(whole)
        }
        (2 | 3, _) => json!(String::from_utf8_lossy(take(rest, argument? as usize)?)),
        (4, _) => {
            let mut list = Vec::new();
            while !ends(rest, list.len() as u64) {
                list.push(cbor_item(rest)?);
            }
            Json::Array(list)
        }
        (5, _) => {
            let mut map = Map::new();
            while !ends(rest, map.len() as u64) {
                let key = cbor_item(rest)?.as_str()?.to_string();
                map.insert(key, cbor_item(rest)?);
            }
            Json::Object(map)
        }
        (6, _) => cbor_item(rest)?,
        (7, 20 | 21) => json!(info == 21),
        (7, 22 | 23) => Json::Null,
        (7, 25) => float(half(argument? as u16)),
        (7, 26) => float(f64::from(f32::from_bits(argument? as u32))),
        (7, 27) => float(f64::from_bits(argument?)),
        _ => return None,
    })
}

fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let mantissa = f64::from(bits & 0x3ff);
    match bits >> 10 & 0x1f {
        0 => sign * mantissa * 2f64.powi(-24),
        0x1f if mantissa == 0.0 => sign * f64::INFINITY,
        0x1f => f64::NAN,
        exponent => sign * (1024.0 + mantissa) * 2f64.powi(i32::from(exponent) - 25),
    }
}

fn float(value: f64) -> Json {
    if value.is_finite() { json!(value) } else { json!(format!("{value}")) }
}

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}
