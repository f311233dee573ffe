//! Answers that go on: event streams.

use futures_util::{FutureExt, StreamExt, stream};
use wire::event_stream::Frame;
use wire::{Body, Bytes, Error, EventStream, Op, Protocol, Response, Service, Shape};

/// Encodes an answer and reads its frames; the events must be ready.
fn frames<O: Op>(
    service: &'static Service,
    protocol: Protocol,
    mut output: impl Shape,
) -> Vec<Frame> {
    let response = service.encode(protocol, O::OPERATION, &mut output, "id");
    assert_eq!(response.headers["content-type"], "application/vnd.amazon.eventstream");
    let all = whole(response);
    let mut rest = &all[..];
    let mut frames = Vec::new();
    while let Some((frame, length)) = Frame::decode(rest).unwrap() {
        frames.push(frame);
        rest = &rest[length..];
    }
    assert!(rest.is_empty());
    frames
}

fn whole(response: Response) -> Vec<u8> {
    assert!(matches!(response.body, Body::Stream(..)));
    let pieces = response.body.into_stream().map(|piece| piece.unwrap().to_vec());
    pieces.concat().now_or_never().expect("the events are ready")
}

fn described(frame: &Frame) -> (&str, &str, &str, &[u8]) {
    let text = |name| frame.header(name).unwrap_or_default();
    let name = frame.header(":event-type").unwrap_or_else(|| text(":exception-type"));
    (text(":message-type"), name, text(":content-type"), &frame.payload)
}

#[test]
fn lambda_response_stream() {
    use wire_lambda::{
        InvokeResponseStreamUpdate, InvokeWithResponseStreamCompleteEvent,
        InvokeWithResponseStreamResponse, InvokeWithResponseStreamResponseEvent as Event,
    };
    let chunk = InvokeResponseStreamUpdate { payload: Some(Bytes::from_static(b"hello")) };
    let complete = InvokeWithResponseStreamCompleteEvent {
        error_code: Some("Function.Error".into()),
        ..Default::default()
    };
    let events = [Ok(Event::PayloadChunk(chunk)), Ok(Event::InvokeComplete(complete))];
    let output = InvokeWithResponseStreamResponse {
        status_code: Some(200),
        executed_version: Some("1".into()),
        event_stream: EventStream::new(stream::iter(events)),
        ..Default::default()
    };
    let operation = wire_lambda::ops::InvokeWithResponseStream::OPERATION;
    let mut with_head = output;
    let response = wire_lambda::SERVICE.encode(Protocol::RestJson, operation, &mut with_head, "id");
    assert_eq!(response.status, 200);
    assert_eq!(response.headers["x-amz-executed-version"], "1");
    let all = whole(response);
    let (first, length) = Frame::decode(&all).unwrap().unwrap();
    let (second, _) = Frame::decode(&all[length..]).unwrap().unwrap();
    assert_eq!(
        described(&first),
        ("event", "PayloadChunk", "application/octet-stream", &b"hello"[..])
    );
    assert_eq!(
        described(&second),
        ("event", "InvokeComplete", "application/json", &br#"{"ErrorCode":"Function.Error"}"#[..])
    );
}

#[test]
fn live_tail() {
    use wire_logs::{
        LiveTailSessionStart, StartLiveTailResponse, StartLiveTailResponseStream as Event,
    };
    let start = LiveTailSessionStart { session_id: Some("s".into()), ..Default::default() };
    let timeout = wire_logs::SessionTimeoutException { message: Some("over".into()) };
    let events =
        [Ok(Event::SessionStart(start)), Err(Error::from(timeout)), Err(Error::throttling())];
    let output = StartLiveTailResponse { response_stream: EventStream::new(stream::iter(events)) };
    let frames =
        frames::<wire_logs::ops::StartLiveTail>(&wire_logs::SERVICE, Protocol::AwsJson, output);
    let json = "application/json";
    assert_eq!(frames.len(), 3, "an error ends the stream");
    assert_eq!(described(&frames[0]), ("event", "initial-response", json, &b"{}"[..]));
    assert_eq!(
        described(&frames[1]),
        ("event", "sessionStart", json, &br#"{"sessionId":"s"}"#[..])
    );
    assert_eq!(
        described(&frames[2]),
        ("exception", "SessionTimeoutException", json, &br#"{"message":"over"}"#[..])
    );
}

#[test]
fn unnamed_errors_are_in_headers() {
    use wire_logs::{StartLiveTailResponse, StartLiveTailResponseStream as Event};
    let failed: [Result<Event, Error>; 1] = [Err(Error::internal("the disk is on fire"))];
    let output = StartLiveTailResponse { response_stream: EventStream::new(stream::iter(failed)) };
    let frames =
        frames::<wire_logs::ops::StartLiveTail>(&wire_logs::SERVICE, Protocol::AwsJson, output);
    assert_eq!(frames[1].header(":message-type"), Some("error"));
    assert_eq!(frames[1].header(":error-code"), Some("InternalFailure"));
    assert_eq!(frames[1].header(":error-message"), Some(""));
}
