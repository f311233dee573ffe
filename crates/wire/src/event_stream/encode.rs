//! Events as frames.

use super::{Frame, HeaderValue};
use crate::{
    Bytes, Error, Loc, Mut, Protocol, Ref, Response, Schema, Service, Shape, cbor, json, xml,
};
use futures_util::stream::{self, StreamExt};
use std::future::ready;

/// Puts the events of the member `index` of `output` into the body of `response`. `initial` is the answer's own content,
/// which protocols without a place for it in the head send as the first event.
pub(crate) fn encode(
    service: &'static Service,
    protocol: Protocol,
    output: &mut dyn Shape,
    index: usize,
    initial: Option<Bytes>,
    response: &mut Response,
) {
    let union = output.schema().members[index].target;
    let events = match output.member_mut(index).get_mut() {
        Mut::Events(events) => events.take(),
        _ => None,
    };
    let first = initial.map(|payload| Frame {
        payload,
        ..event("event", "initial-response").with(":content-type", format(protocol))
    });
    let first = stream::iter(first.map(|frame| frame.encode().map_err(Error::internal)));
    let frames =
        events.unwrap_or_else(|| stream::empty().boxed()).scan(false, move |ended, event| {
            // An error is the last event.
            let frame = (!*ended).then(|| match &event {
                Ok(event) => event_frame(protocol, &**event),
                Err(error) => error_frame(service, protocol, union, error),
            });
            *ended |= event.is_err();
            ready(frame.map(|frame| frame.encode().map_err(Error::internal)))
        });
    response.set_static("content-type", "application/vnd.amazon.eventstream");
    response.body = crate::Body::stream(first.chain(frames).boxed());
}

fn format(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::AwsJson | Protocol::RestJson => "application/json",
        Protocol::RpcV2Cbor => "application/cbor",
        Protocol::AwsQuery | Protocol::Ec2Query | Protocol::RestXml => "application/xml",
    }
}

fn event(kind: &str, name: &str) -> Frame {
    let type_header = if kind == "exception" { ":exception-type" } else { ":event-type" };
    Frame::default().with(":message-type", kind).with(type_header, name)
}

/// The chosen member of a union of events.
fn event_frame(protocol: Protocol, union: &dyn Shape) -> Frame {
    let members = union.schema().members.iter().enumerate();
    let mut chosen = members.filter_map(|(index, member)| match union.member(index).get() {
        Ref::Structure(shape) => Some((member, shape)),
        _ => None,
    });
    match chosen.next() {
        Some((member, shape)) => {
            let kind = if member.target.error.is_some() { "exception" } else { "event" };
            with_content(event(kind, member.name), protocol, shape)
        }
        None => Frame::default(),
    }
}

fn error_frame(
    service: &'static Service,
    protocol: Protocol,
    union: &'static Schema,
    error: &Error,
) -> Frame {
    let Some(shape) = error.shape() else {
        // What the model does not name has a code and a message in headers.
        return Frame::default()
            .with(":message-type", "error")
            .with(":error-code", error.code(service, protocol))
            .with(":error-message", error.message());
    };
    let named = union.members.iter().find(|member| std::ptr::eq(member.target, shape.schema()));
    let name = named.map_or(shape.schema().name, |member| member.name);
    with_content(event("exception", name), protocol, shape)
}

fn with_content(mut frame: Frame, protocol: Protocol, shape: &dyn Shape) -> Frame {
    let schema = shape.schema();
    for (index, member) in schema.members.iter().enumerate() {
        let value = shape.member(index).get();
        match member.location {
            Loc::EventHeader => {
                let value = header(&value);
                frame.headers.extend(value.map(|value| (member.wire.to_string(), value)));
            }
            Loc::EventPayload => {
                let (content_type, payload) = match value {
                    Ref::Blob(bytes) => ("application/octet-stream", bytes.clone()),
                    Ref::String(text) => ("text/plain", Bytes::copy_from_slice(text.as_bytes())),
                    Ref::Structure(shape) => (format(protocol), content(protocol, shape)),
                    _ => continue,
                };
                frame.payload = payload;
                return frame.with(":content-type", content_type);
            }
            _ => {}
        }
    }
    if schema.members.iter().any(|member| member.location == Loc::Body) {
        frame.payload = content(protocol, shape);
        frame = frame.with(":content-type", format(protocol));
    }
    frame
}

fn header(value: &Ref<'_>) -> Option<HeaderValue> {
    Some(match value {
        Ref::Boolean(value) => HeaderValue::Boolean(*value),
        Ref::Integer(value) => match i32::try_from(*value) {
            Ok(value) => HeaderValue::Integer(value),
            Err(_) => HeaderValue::Long(*value),
        },
        Ref::Blob(value) => HeaderValue::Blob((*value).clone()),
        Ref::Timestamp(value) => HeaderValue::Timestamp(*value),
        Ref::String(value) => HeaderValue::String((*value).to_string()),
        _ => return None,
    })
}

/// The members of an event that are in no header, in the protocol's format.
pub(crate) fn content(protocol: Protocol, shape: &dyn Shape) -> Bytes {
    match protocol {
        Protocol::AwsJson | Protocol::RestJson => {
            let mut body = vec![b'{'];
            json::members(&mut body, shape, true, true);
            body.push(b'}');
            body.into()
        }
        Protocol::RpcV2Cbor => {
            let mut body = Vec::new();
            cbor::structure(&mut body, &[], Some(shape));
            body.into()
        }
        Protocol::AwsQuery | Protocol::Ec2Query | Protocol::RestXml => {
            let mut body = xml::Writer::default();
            body.open(shape.schema().name, "");
            xml::members(&mut body, shape, true);
            body.close(shape.schema().name);
            body.finish().into()
        }
    }
}
