use super::*;
use crate::testing::{Fixture, NOW_MS};
use base::Time;

fn event(offset_ms: u64, message: &str) -> LogEvent {
    LogEvent { timestamp: Time::from_unix_ms(NOW_MS + offset_ms), message: message.into() }
}

async fn append(fixture: &Fixture, events: Vec<LogEvent>) -> Result<(), Error> {
    fixture.logs.append(&fixture.cx, "g", "s", events).await
}

#[tokio::test]
async fn group_and_stream_are_made_once() {
    let fixture = Fixture::empty();
    append(&fixture, vec![event(2, "b"), event(1, "a")]).await.unwrap();
    append(&fixture, vec![event(3, "c")]).await.unwrap();
    assert_eq!(fixture.messages().await, ["a", "b", "c"]);
    let actions: Vec<String> =
        fixture.authorizer.asked.lock().iter().map(|(action, _)| action.clone()).collect();
    let made = ["logs:PutLogEvents", "logs:CreateLogGroup", "logs:CreateLogStream"];
    assert_eq!(actions[..3], made);
    assert_eq!(actions[3..], ["logs:PutLogEvents"]);
    let resource = &fixture.authorizer.asked.lock()[0].1;
    assert_eq!(resource, "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s");
}

#[tokio::test]
async fn nothing_is_kept_without_permission() {
    for denied in ["logs:PutLogEvents", "logs:CreateLogGroup"] {
        let fixture = Fixture::empty();
        *fixture.authorizer.denied.lock() = vec![denied];
        let refused = append(&fixture, vec![event(0, "a")]).await.unwrap_err();
        assert_eq!((refused.status, &*refused.code), (403, "AccessDenied"), "{denied}");
        assert!(fixture.create_group("g").await.is_ok(), "the group was not made");
    }
}

#[tokio::test]
async fn more_than_a_batch_is_cut() {
    let fixture = Fixture::empty();
    let day = limits::BATCH_SPAN_MS_MAX;
    let long = "ä".repeat(limits::MESSAGE_BYTES_MAX);
    append(&fixture, vec![event(0, &long), event(1, "a"), event(2, "b")]).await.unwrap();
    let batches = batches(vec![event(0, "a"), event(day, "b"), event(day + 1, "c")]);
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    let many = super::batches(vec![event(0, "x"); limits::BATCH_EVENTS_MAX + 1]);
    assert_eq!(many.iter().map(Vec::len).collect::<Vec<_>>(), [limits::BATCH_EVENTS_MAX, 1]);
    let first = &fixture.messages().await[0];
    assert_eq!(first.len(), limits::MESSAGE_BYTES_MAX);
}
