//! `StartLiveTail`: events of some groups as they come in.

use super::long;
use crate::followers::{FollowedEvent, Following, Selection};
use crate::model::filter_pattern::FilterPattern;
use crate::{Logs, errors, limits, scope};
use base::{Clock, RequestId, Time};
use futures_util::stream;
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, EventStream};
use wire_logs::{
    LiveTailSessionLogEvent, LiveTailSessionMetadata, LiveTailSessionStart, LiveTailSessionUpdate,
    SessionTimeoutException, StartLiveTailRequest, StartLiveTailResponse,
    StartLiveTailResponseStream,
};

/// Tells of the session, then every second of the events that came in meanwhile, also if there were none.
pub async fn start_live_tail(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: StartLiveTailRequest,
) -> Result<StartLiveTailResponse, Error> {
    let selection = select(&logs, &cx, &input)?;
    let following =
        logs.followers.begin(scope(&cx), selection).ok_or_else(errors::limit_exceeded)?;
    let start = LiveTailSessionStart {
        request_id: Some(cx.request_id.to_string()),
        session_id: Some(RequestId::new(&*logs.entropy).to_string()),
        log_group_identifiers: Some(input.log_group_identifiers),
        log_stream_names: Some(input.log_stream_names.unwrap_or_default()),
        log_stream_name_prefixes: Some(input.log_stream_name_prefixes.unwrap_or_default()),
        log_event_filter_pattern: Some(input.log_event_filter_pattern.unwrap_or_default()),
    };
    let started_at = logs.clock.now();
    let session = Session {
        clock: logs.clock.clone(),
        following,
        next_at: started_at + limits::LIVE_TAIL_PERIOD,
        end_at: started_at + limits::LIVE_TAIL_DURATION_MAX,
    };
    let state = State::Starting(Box::new(start), session);
    let events = stream::unfold(state, |state| async move { next(state).await });
    Ok(StartLiveTailResponse { response_stream: EventStream::new(events) })
}

fn select(logs: &Logs, cx: &CallCx, input: &StartLiveTailRequest) -> Result<Selection, Error> {
    let scope = scope(cx);
    let stream_names = input.log_stream_names.clone().unwrap_or_default();
    let stream_prefixes = input.log_stream_name_prefixes.clone().unwrap_or_default();
    if !stream_names.is_empty() && !stream_prefixes.is_empty() {
        return Err(errors::mutually_exclusive("logStreamNames", "logStreamNamePrefixes"));
    }
    let some_streams = !stream_names.is_empty() || !stream_prefixes.is_empty();
    if some_streams && input.log_group_identifiers.len() != 1 {
        return Err(errors::streams_of_several_groups());
    }
    let pattern = input.log_event_filter_pattern.as_deref().unwrap_or_default();
    let pattern = FilterPattern::parse(pattern).map_err(errors::invalid_pattern)?;
    let groups = input.log_group_identifiers.iter().map(|identifier| {
        if !identifier.starts_with("arn:") || identifier.ends_with('*') {
            return Err(errors::identifier_is_no_arn(identifier));
        }
        let name = scope.group_name_of_arn(identifier).ok_or_else(errors::log_group_not_found)?;
        Ok((logs.group(&scope, name)?.id, format!("{}:{name}", scope.account)))
    });
    let groups = groups.collect::<Result<_, Error>>()?;
    Ok(Selection { groups, stream_names, stream_prefixes, pattern })
}

/// A live tail between two updates.
struct Session {
    clock: Arc<dyn Clock>,
    following: Following,
    next_at: Time,
    end_at: Time,
}

enum State {
    Starting(Box<LiveTailSessionStart>, Session),
    Running(Session),
    Ended,
}

type Item = Result<StartLiveTailResponseStream, Error>;

async fn next(state: State) -> Option<(Item, State)> {
    let mut session = match state {
        State::Starting(start, session) => {
            let start = StartLiveTailResponseStream::SessionStart(*start);
            return Some((Ok(start), State::Running(session)));
        }
        State::Running(session) => session,
        State::Ended => return None,
    };
    tokio::select! {
        () = session.clock.sleep_until(session.next_at) => {}
        () = session.following.ended() => return None,
    }
    let now = session.clock.now();
    if now >= session.end_at {
        let message = Some("The live tail session has reached its maximum duration.".to_string());
        let timeout = SessionTimeoutException { message };
        let timeout = StartLiveTailResponseStream::SessionTimeoutException(timeout);
        return Some((Ok(timeout), State::Ended));
    }
    // A reader that is slow gets fewer updates, not all of them at once.
    session.next_at = now + limits::LIVE_TAIL_PERIOD;
    let update = session.following.take();
    let update = LiveTailSessionUpdate {
        session_metadata: Some(LiveTailSessionMetadata { sampled: Some(update.sampled) }),
        session_results: Some(update.events.into_iter().map(into_wire).collect()),
    };
    Some((Ok(StartLiveTailResponseStream::SessionUpdate(update)), State::Running(session)))
}

fn into_wire(followed: FollowedEvent) -> LiveTailSessionLogEvent {
    LiveTailSessionLogEvent {
        log_stream_name: Some(followed.stream),
        log_group_identifier: Some(followed.group),
        message: Some(followed.event.message),
        timestamp: Some(long(followed.event.timestamp_ms)),
        ingestion_time: Some(long(followed.ingested_ms)),
    }
}
