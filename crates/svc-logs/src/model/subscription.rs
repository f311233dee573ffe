//! What the destination of a subscription filter is given.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>

use super::event_id::EventId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

/// An event that a filter selected.
#[derive(Clone, Debug)]
pub struct SelectedEvent {
    /// As other operations show it.
    pub id: EventId,
    /// When it happened, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Its text.
    pub message: String,
    /// What a space-delimited pattern read out of it; none for other patterns.
    pub extracted: Option<BTreeMap<String, String>>,
}

impl SelectedEvent {
    fn shown(&self) -> Value {
        let mut shown = json!({
            "id": self.id.to_string(),
            "timestamp": self.timestamp_ms,
            "message": self.message,
        });
        if let Some(extracted) = &self.extracted {
            shown["extractedFields"] = json!(extracted);
        }
        shown
    }
}

/// The event that tries whether a function takes any. Guess: the text; that of other destinations is reported.
pub fn control_message(now_ms: u64) -> Vec<u8> {
    wrapped(&json!({
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [{
            "id": "",
            "timestamp": now_ms,
            "message": "CWL CONTROL MESSAGE: Checking health of destination Lambda.",
        }],
    }))
}

/// Where events are from, and by which filter they are delivered.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The account.
    pub owner: &'a str,
    /// The group's name.
    pub group: &'a str,
    /// The stream's name.
    pub stream: &'a str,
    /// The filter's name.
    pub filter: &'a str,
}

/// Events of one stream, as many messages as it takes to keep each within `bytes_max`. An event that is too large by
/// itself is left out; how many were is told too.
pub fn data_messages(
    origin: Origin<'_>,
    events: &[SelectedEvent],
    bytes_max: usize,
) -> (Vec<Vec<u8>>, usize) {
    let message = wrapped(&json!({
        "messageType": "DATA_MESSAGE",
        "owner": origin.owner,
        "logGroup": origin.group,
        "logStream": origin.stream,
        "subscriptionFilters": [origin.filter],
        "logEvents": events.iter().map(SelectedEvent::shown).collect::<Vec<_>>(),
    }));
    if message.len() <= bytes_max {
        return (vec![message], 0);
    }
    if events.len() <= 1 {
        return (Vec::new(), events.len());
    }
    let (first, second) = events.split_at(events.len() / 2);
    let (mut messages, left_out) = data_messages(origin, first, bytes_max);
    let (more, more_left_out) = data_messages(origin, second, bytes_max);
    messages.extend(more);
    (messages, left_out + more_left_out)
}

/// As functions get it: compressed, and in base64 in a document of JSON.
fn wrapped(document: &Value) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(document.to_string().as_bytes());
    let compressed = written.and_then(|()| encoder.finish()).expect("writing to memory succeeds");
    json!({ "awslogs": { "data": STANDARD.encode(compressed) } }).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    const ORIGIN: Origin<'_> = Origin { owner: "111", group: "g", stream: "s", filter: "f" };

    fn opened(message: &[u8]) -> Value {
        let outer: Value = serde_json::from_slice(message).unwrap();
        let compressed = STANDARD.decode(outer["awslogs"]["data"].as_str().unwrap()).unwrap();
        let mut text = String::new();
        GzDecoder::new(&*compressed).read_to_string(&mut text).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn event(timestamp_ms: u64, message: String) -> SelectedEvent {
        let id = EventId { timestamp_ms, stream: 1, sequence: 2, index: 0 };
        SelectedEvent { id, timestamp_ms, message, extracted: None }
    }

    /// Text that does not compress much.
    fn noise(seed: u64, bytes: usize) -> String {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b' ' + (state >> 57) as u8 % 90)
        };
        (0..bytes).map(next).collect()
    }

    #[test]
    fn messages_have_the_documented_form() {
        let (messages, left_out) = data_messages(ORIGIN, &[event(7, "a".into())], 1_000);
        assert_eq!((messages.len(), left_out), (1, 0));
        assert_eq!(
            opened(&messages[0]),
            json!({
                "messageType": "DATA_MESSAGE", "owner": "111", "logGroup": "g", "logStream": "s",
                "subscriptionFilters": ["f"],
                "logEvents": [{ "id": event(7, String::new()).id.to_string(), "timestamp": 7, "message": "a" }],
            })
        );
        let control = opened(&control_message(9));
        assert_eq!(control["messageType"], "CONTROL_MESSAGE");
        assert_eq!(control["logEvents"][0]["timestamp"], 9);
    }

    #[test]
    fn messages_are_bounded_and_complete() {
        let events: Vec<_> = (0..50).map(|i| event(i, noise(i, 3_000))).collect();
        let (messages, left_out) = data_messages(ORIGIN, &events, 20_000);
        assert!(messages.len() > 1 && messages.iter().all(|message| message.len() <= 20_000));
        let times: Vec<u64> = messages
            .iter()
            .flat_map(|message| opened(message)["logEvents"].as_array().unwrap().clone())
            .map(|event| event["timestamp"].as_u64().unwrap())
            .collect();
        assert_eq!((times, left_out), ((0..50).collect(), 0));
        let large = [event(0, "a".into()), event(1, noise(1, 60_000)), event(2, "b".into())];
        let (messages, left_out) = data_messages(ORIGIN, &large, 20_000);
        assert_eq!((messages.len(), left_out), (2, 1));
    }
}
