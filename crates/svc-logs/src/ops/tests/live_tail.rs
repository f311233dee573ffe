use crate::limits;
use crate::ops::start_live_tail::start_live_tail;
use crate::testing::{Fixture, NOW_MS, no_group, told};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use std::time::Duration;
use wire::Error;
use wire_logs::StartLiveTailResponseStream as Event;
use wire_logs::*;

const ARN: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g";

type Events = BoxStream<'static, Result<Event, Error>>;

async fn start(fixture: &Fixture, input: StartLiveTailRequest) -> Result<Events, Error> {
    let answer = start_live_tail(fixture.logs.clone(), fixture.cx.clone(), input).await?;
    Ok(answer.response_stream.into_inner().expect("events"))
}

fn on_group() -> StartLiveTailRequest {
    StartLiveTailRequest { log_group_identifiers: vec![ARN.into()], ..Default::default() }
}

/// The next event, with the clock moved on by a second where it waits for that.
async fn next(fixture: &Fixture, events: &mut Events) -> Option<Event> {
    let event = events.next();
    tokio::pin!(event);
    let waiting = futures_util::poll!(&mut event);
    if let std::task::Poll::Ready(event) = waiting {
        return event.transpose().unwrap();
    }
    fixture.clock.advance(limits::LIVE_TAIL_PERIOD);
    event.await.transpose().unwrap()
}

async fn update(fixture: &Fixture, events: &mut Events) -> LiveTailSessionUpdate {
    match next(fixture, events).await {
        Some(Event::SessionUpdate(update)) => update,
        _ => panic!("an update"),
    }
}

#[tokio::test]
async fn events_are_told_every_second() {
    let fixture = Fixture::with_streams(&["s"]).await;
    fixture.put("s", &[(0, "before")]).await.unwrap();
    let input =
        StartLiveTailRequest { log_event_filter_pattern: Some("line".into()), ..on_group() };
    let mut events = start(&fixture, input).await.unwrap();
    let Some(Event::SessionStart(session)) = next(&fixture, &mut events).await else {
        panic!("the start");
    };
    assert_eq!(session.log_group_identifiers, Some(vec![ARN.into()]));
    assert_eq!(session.log_event_filter_pattern.as_deref(), Some("line"));
    assert_eq!(session.log_stream_names, Some(Vec::new()));
    assert!(update(&fixture, &mut events).await.session_results.unwrap().is_empty());
    fixture.put("s", &[(1, "line 1"), (2, "other"), (3, "line 2")]).await.unwrap();
    let told = update(&fixture, &mut events).await;
    assert_eq!(told.session_metadata.unwrap().sampled, Some(false));
    let results = told.session_results.unwrap();
    let messages: Vec<_> = results.iter().filter_map(|event| event.message.as_deref()).collect();
    assert_eq!(messages, ["line 1", "line 2"]);
    assert_eq!(results[0].log_group_identifier.as_deref(), Some("000000000000:g"));
    assert_eq!(results[0].log_stream_name.as_deref(), Some("s"));
    assert_eq!(results[0].timestamp, Some(NOW_MS as i64 + 1));
}

#[tokio::test]
async fn they_end_after_three_hours_or_with_the_service() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let mut events = start(&fixture, on_group()).await.unwrap();
    next(&fixture, &mut events).await.unwrap();
    fixture.clock.advance(limits::LIVE_TAIL_DURATION_MAX);
    let last = next(&fixture, &mut events).await;
    assert!(matches!(last, Some(Event::SessionTimeoutException(_))));
    assert!(next(&fixture, &mut events).await.is_none());
    let mut events = start(&fixture, on_group()).await.unwrap();
    next(&fixture, &mut events).await.unwrap();
    rt::Service::reset(&*fixture.logs).await;
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn their_number_is_limited_while_they_run() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let mut running = Vec::new();
    for _ in 0..limits::LIVE_TAILS_MAX {
        running.push(start(&fixture, on_group()).await.unwrap());
    }
    assert_eq!(told(start(&fixture, on_group()).await).0, "LimitExceededException");
    running.pop();
    assert!(start(&fixture, on_group()).await.is_ok());
}

#[tokio::test]
async fn checked() {
    let fixture = Fixture::with_streams(&["s"]).await;
    fixture.create_group("h").await.unwrap();
    let with_groups = |arns: &[&str]| StartLiveTailRequest {
        log_group_identifiers: arns.iter().map(|arn| arn.to_string()).collect(),
        ..Default::default()
    };
    for identifier in ["g", &format!("{ARN}:*")] {
        let refused = start(&fixture, with_groups(&[identifier])).await;
        assert_eq!(told(refused).0, "InvalidParameterException", "{identifier}");
    }
    let missing = format!("{ARN}-missing");
    assert_eq!(told(start(&fixture, with_groups(&[&missing])).await), no_group());
    let streams_of_two = StartLiveTailRequest {
        log_stream_names: Some(vec!["s".into()]),
        ..with_groups(&[ARN, "arn:aws:logs:us-east-1:000000000000:log-group:h"])
    };
    assert_eq!(told(start(&fixture, streams_of_two).await).0, "InvalidParameterException");
    let bad_pattern =
        StartLiveTailRequest { log_event_filter_pattern: Some("a.b".into()), ..on_group() };
    assert_eq!(told(start(&fixture, bad_pattern).await).1, "Invalid filter pattern");
}

#[tokio::test]
async fn more_than_an_update_holds_is_sampled() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let mut events = start(&fixture, on_group()).await.unwrap();
    next(&fixture, &mut events).await.unwrap();
    let lines = vec![(0, "line"); limits::LIVE_TAIL_EVENTS_MAX + 1];
    fixture.put("s", &lines).await.unwrap();
    let told = update(&fixture, &mut events).await;
    assert_eq!(told.session_metadata.unwrap().sampled, Some(true));
    assert_eq!(told.session_results.unwrap().len(), limits::LIVE_TAIL_EVENTS_MAX);
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(update(&fixture, &mut events).await.session_metadata.unwrap().sampled, Some(false));
}
