//! `GetLogEvents`: the events of one stream, page by page in both directions.

use super::{group_name, long};
use crate::event_reader::{ReadEvent, Window, read_stream};
use crate::model::event_id::EventId;
use crate::model::page::{Direction, Page};
use crate::{Logs, errors, limits, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Internal};
use wire_logs::{GetLogEventsRequest, GetLogEventsResponse, OutputLogEvent};

/// Answers with the earliest events (`startFromHead`) or the latest, then along the tokens. Always returns both tokens;
/// at an end the token is the one that was given, so that a caller can wait there for later events.
pub async fn get_log_events(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: GetLogEventsRequest,
) -> Result<GetLogEventsResponse, Error> {
    let scope = scope(&cx);
    let token = input.next_token.as_deref().map(Token::parse).transpose()?;
    let name =
        group_name(&scope, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    let group = logs.group(&scope, name)?;
    let stream = logs.stream(&group, &input.log_stream_name)?;
    // The end does not belong.
    let end_ms = input.end_time.map(|ms| u64::try_from(ms).unwrap_or(0));
    let mut window = Window::new(&group, logs.now_ms(), input.start_time, end_ms);
    // Where a caller may wait if there is nothing: later events will not be behind the end of all times.
    let place = token.map_or(window.start, |token| token.position);
    let direction = match token.map(|token| token.direction) {
        Some(Direction::Forward) => {
            window.start = window.start.max(place);
            Direction::Forward
        }
        Some(Direction::Backward) => {
            window.end = window.end.min(place);
            Direction::Backward
        }
        None if input.start_from_head == Some(true) => Direction::Forward,
        None => Direction::Backward,
    };
    let events_max = input.limit.and_then(|limit| usize::try_from(limit).ok());
    let events_max = events_max.unwrap_or(limits::PAGE_EVENTS_MAX);
    let mut page = Page::new(direction, events_max, limits::PAGE_BYTES_MAX);
    if !window.is_empty() {
        let (store, cipher) = (&logs.store, logs.cipher(&scope, name, &group).await?);
        let read = read_stream(store, group.id, &cipher, stream.id, window, direction, &mut page);
        read.await.internal("reading log events")?;
    }
    Ok(answer(place, page.into_events()))
}

/// The page with the places at its ends, or `place` twice if it is empty.
fn answer(place: EventId, events: Vec<(EventId, ReadEvent)>) -> GetLogEventsResponse {
    let forward = events.last().map_or(place, |(id, _)| id.next());
    let backward = events.first().map_or(place, |(id, _)| *id);
    let events = events.into_iter().map(|(_, event)| OutputLogEvent {
        timestamp: Some(long(event.timestamp_ms)),
        message: Some(event.message),
        ingestion_time: Some(long(event.ingested_ms)),
    });
    GetLogEventsResponse {
        events: Some(events.collect()),
        next_forward_token: Some(
            Token { direction: Direction::Forward, position: forward }.to_text(),
        ),
        next_backward_token: Some(
            Token { direction: Direction::Backward, position: backward }.to_text(),
        ),
    }
}

/// A place between two events. As on AWS its text is `f/` or `b/`, 56 digits, and `/s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Token {
    direction: Direction,
    /// The first event behind the place.
    position: EventId,
}

impl Token {
    fn parse(text: &str) -> Result<Self, Error> {
        let (direction, position) = match text.split_at_checked(2) {
            Some(("f/", position)) => (Direction::Forward, position),
            Some(("b/", position)) => (Direction::Backward, position),
            _ => return Err(errors::invalid_next_token()),
        };
        let position = EventId::parse(position.strip_suffix("/s").unwrap_or(position));
        Ok(Token { direction, position: position.ok_or_else(errors::invalid_next_token)? })
    }

    fn to_text(self) -> String {
        let direction = match self.direction {
            Direction::Forward => 'f',
            Direction::Backward => 'b',
        };
        format!("{direction}/{}/s", self.position)
    }
}
