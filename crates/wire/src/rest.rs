//! What restJson and restXml bind to the head of a message: labels, query parameters, headers, the status.

use crate::validate::{Decoding, Seen, Step};
use crate::{
    Error, Kind, Loc, Member, Mut, Operation, Protocol, Ref, Request, Response, Shape,
    TimestampFormat, Value, find, json, text, xml,
};
use std::mem;

/// Reads head and body into `input`.
pub(crate) fn decode(
    protocol: Protocol,
    operation: &Operation,
    request: &mut Request,
    input: &mut dyn Shape,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let schema = input.schema();
    let mut seen = Seen::default();
    if schema.members.iter().any(|member| member.location != Loc::Body) {
        head(operation, request, input, &mut seen, decoding)?;
    }
    if let Some(index) = schema.payload.map(usize::from) {
        payload(protocol, request, input, index, &mut seen, decoding)?;
    } else if schema.members.iter().any(|member| member.location == Loc::Body) {
        let body = request.bytes()?;
        if !body.is_empty() {
            match protocol {
                Protocol::RestXml => {
                    xml::read_members(body, input, &mut seen, true, decoding)?;
                }
                _ => json::read_members(body, input, &mut seen, true, decoding)?,
            }
        }
    }
    decoding.required(schema, &seen);
    Ok(())
}

fn head(
    operation: &Operation,
    request: &Request,
    input: &mut dyn Shape,
    seen: &mut Seen,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let labels = find::labels(operation, &request.path);
    let query: Vec<_> = text::parameters(&request.query).collect();
    for (index, member) in input.schema().members.iter().enumerate() {
        if matches!(member.location, Loc::Body | Loc::StatusCode) {
            continue;
        }
        decoding.enter(Step::Member(member.name));
        let present = match member.location {
            Loc::Uri => match labels.iter().find(|(name, _)| *name == member.wire) {
                Some((_, label)) => {
                    text::set(input.member_mut(index), label, member.target, decoding)?;
                    true
                }
                None => false,
            },
            Loc::Query => {
                let values = query.iter().filter(|(key, _)| key == member.wire);
                let mut values = values.map(|(_, value)| &**value).peekable();
                let present = values.peek().is_some();
                if present {
                    set_all(input.member_mut(index), values, member, decoding)?;
                }
                present
            }
            Loc::QueryParams => query_params(&query, input, index, member, decoding)?,
            Loc::Header => header(request, input, index, member, decoding)?,
            Loc::PrefixHeaders => prefix_headers(request, input, index, member, decoding)?,
            _ => false,
        };
        decoding.leave();
        if present {
            seen.set(index);
        }
    }
    Ok(())
}

/// Sets a list to `values`, or a scalar to the last of them.
fn set_all<'v>(
    value: &mut dyn Value,
    values: impl Iterator<Item = &'v str>,
    member: &Member,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let Mut::List(list) = value.get_mut() else {
        return match values.last() {
            Some(last) => text::set(value, last, member.target, decoding),
            None => Ok(()),
        };
    };
    for (place, text) in values.enumerate() {
        decoding.element()?;
        decoding.enter(Step::Element(place + 1));
        text::set(list.push(), text, member.target.members[0].target, decoding)?;
        decoding.leave();
    }
    decoding.value(member.target, &value.get());
    Ok(())
}

/// Every parameter, those that other members name included.
/// <https://smithy.io/2.0/spec/http-bindings.html#httpqueryparams-trait>
fn query_params(
    query: &[(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)],
    input: &mut dyn Shape,
    index: usize,
    member: &Member,
    decoding: &mut Decoding,
) -> Result<bool, Error> {
    if query.is_empty() {
        return Ok(false);
    }
    let value = input.member_mut(index);
    let Mut::Map(map) = value.get_mut() else { return Ok(false) };
    let target = member.target.members[1].target;
    for (key, text) in query {
        decoding.element()?;
        let slot = map.insert(key.to_string());
        let (slot, target) = match (target.kind, slot) {
            (Kind::List, slot) => match slot.get_mut() {
                Mut::List(list) => (list.push(), target.members[0].target),
                _ => continue,
            },
            (_, slot) => (slot, target),
        };
        decoding.enter(Step::Entry(key.to_string()));
        text::set(slot, text, target, decoding)?;
        decoding.leave();
    }
    Ok(true)
}

fn header(
    request: &Request,
    input: &mut dyn Shape,
    index: usize,
    member: &Member,
    decoding: &mut Decoding,
) -> Result<bool, Error> {
    let Some(header) = request.headers.get(member.wire) else { return Ok(false) };
    let all = String::from_utf8_lossy(header.as_bytes());
    let value = input.member_mut(index);
    if member.target.kind == Kind::List {
        let element = &member.target.members[0];
        let dates = element.target.kind == Kind::Timestamp
            && element.timestamp_format_or(TimestampFormat::HttpDate) == TimestampFormat::HttpDate;
        // A list may also be sent as several headers of the same name.
        let headers = request.headers.get_all(member.wire).iter();
        let texts = headers.map(|header| String::from_utf8_lossy(header.as_bytes()));
        let texts = texts.filter(|text| !text.is_empty());
        let parts: Vec<String> = texts.flat_map(|text| split(&text, dates)).collect();
        set_all(value, parts.iter().map(String::as_str), member, decoding)?;
    } else if member.json_value {
        let wrong = || Error::serialization(format!("The header {} is not base64.", member.wire));
        let bytes = text::decode_base64(&all).ok_or_else(wrong)?;
        text::set(value, &String::from_utf8_lossy(&bytes), member.target, decoding)?;
    } else {
        text::set(value, &all, member.target, decoding)?;
    }
    Ok(true)
}

fn prefix_headers(
    request: &Request,
    input: &mut dyn Shape,
    index: usize,
    member: &Member,
    decoding: &mut Decoding,
) -> Result<bool, Error> {
    let prefix = member.wire.to_ascii_lowercase();
    let mut present = false;
    for (name, header) in &request.headers {
        let Some(key) = name.as_str().strip_prefix(&prefix) else { continue };
        let value = input.member_mut(index);
        let Mut::Map(map) = value.get_mut() else { break };
        let text = String::from_utf8_lossy(header.as_bytes());
        decoding.element()?;
        decoding.enter(Step::Entry(key.to_string()));
        let target = member.target.members[1].target;
        text::set(map.insert(key.to_string()), &text, target, decoding)?;
        decoding.leave();
        present = true;
    }
    Ok(present)
}

/// The elements of a list in a header: separated by commas, possibly quoted. HTTP dates hold a comma of their own.
fn split(header: &str, dates: bool) -> Vec<String> {
    if dates {
        let parts: Vec<&str> = header.split(',').map(str::trim).collect();
        return parts.chunks(2).map(|pair| pair.join(", ")).collect();
    }
    let mut elements = Vec::new();
    let mut rest = header.trim_start();
    loop {
        let mut element = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut chars = quoted.char_indices();
            let mut end = quoted.len();
            while let Some((at, c)) = chars.next() {
                match c {
                    '\\' => element.extend(chars.next().map(|(_, c)| c)),
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    c => element.push(c),
                }
            }
            rest = &quoted[end..];
            rest = &rest[rest.find(',').unwrap_or(rest.len())..];
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            element.push_str(rest[..end].trim_end());
            rest = &rest[end..];
        }
        elements.push(element);
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => return elements,
        }
    }
}

/// The member that is the whole body.
fn payload(
    protocol: Protocol,
    request: &mut Request,
    input: &mut dyn Shape,
    index: usize,
    seen: &mut Seen,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let member = &input.schema().members[index];
    let empty = request.body.full().is_some_and(|body| body.is_empty());
    if empty && !member.target.streaming {
        return Ok(());
    }
    seen.set(index);
    decoding.enter(Step::Member(member.name));
    let value = input.member_mut(index);
    match value.get_mut() {
        Mut::Body(target) => *target = mem::take(&mut request.body),
        Mut::Blob(target) => {
            *target = request.bytes()?.clone();
            decoding.value(member.target, &value.get());
        }
        Mut::String(_) | Mut::Enum(_) => {
            let body = std::str::from_utf8(request.bytes()?);
            let body = body.map_err(|_| Error::serialization("The body is not UTF-8."))?;
            text::set(value, body, member.target, decoding)?;
        }
        _ if protocol == Protocol::RestXml => {
            xml::read(request.bytes()?, value, member, decoding)?;
        }
        _ => json::read(request.bytes()?, value, member.target, decoding)?,
    }
    decoding.leave();
    Ok(())
}

/// Writes the status and the headers of an answer.
pub(crate) fn encode_head(output: &dyn Shape, response: &mut Response) {
    for (index, member) in output.schema().members.iter().enumerate() {
        match (member.location, output.member(index).get()) {
            (_, Ref::None) => {}
            (Loc::StatusCode, Ref::Integer(status)) => {
                response.status = u16::try_from(status).unwrap_or(response.status);
            }
            (Loc::Header, Ref::List(list)) => {
                let element = &member.target.members[0];
                let texts = (0..list.len()).map(|i| header_element(&list.at(i).get(), element));
                let all = texts.collect::<Vec<_>>().join(", ");
                if !all.is_empty() {
                    response.set(member.wire, &all);
                }
            }
            (Loc::Header, value) => {
                let format = member.timestamp_format_or(TimestampFormat::HttpDate);
                let text = text::scalar(&value, format);
                if member.json_value {
                    response.set(member.wire, &text::encode_base64(text.as_bytes()));
                } else {
                    response.set(member.wire, &text);
                }
            }
            (Loc::PrefixHeaders, Ref::Map(map)) => map.each(&mut |key, value| {
                let name = format!("{}{key}", member.wire);
                response.set(&name, &text::scalar(&value.get(), TimestampFormat::HttpDate));
            }),
            _ => {}
        }
    }
}

fn header_element(value: &Ref<'_>, element: &Member) -> String {
    let text = text::scalar(value, element.timestamp_format_or(TimestampFormat::HttpDate));
    match value {
        Ref::String(_) if text.contains([',', '"']) => {
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        }
        _ => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_lists() {
        assert_eq!(split("a, b,c", false), ["a", "b", "c"]);
        assert_eq!(split(r#""b,c", "\"def\"", a"#, false), ["b,c", "\"def\"", "a"]);
        assert_eq!(split("\"open", false), ["open"]);
        assert_eq!(split("", false), [""]);
        let dates = "Mon, 16 Dec 2019 23:48:18 GMT, Mon, 16 Dec 2019 23:48:18 GMT";
        assert_eq!(split(dates, true), ["Mon, 16 Dec 2019 23:48:18 GMT"; 2]);
    }
}
