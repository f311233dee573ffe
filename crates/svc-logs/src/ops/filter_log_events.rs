//! `FilterLogEvents`: search the events of a group's streams, merged by time.

use super::{group_name, long};
use crate::event_reader::{ReadEvent, Searched, Window, search_group};
use crate::model::event_id::EventId;
use crate::model::filter_pattern::FilterPattern;
use crate::model::page::{Direction, Page};
use crate::tables::{GroupId, STREAM_NAMES, StreamId};
use crate::{Logs, errors, limits, scope};
use seams::CallCx;
use std::collections::HashMap;
use std::sync::Arc;
use store::Store;
use wire::{Error, Internal};
use wire_logs::{FilterLogEventsRequest, FilterLogEventsResponse, FilteredLogEvent};

/// The token of the next page is the id of the event that it begins with. A page may be empty and yet have a token: the
/// search has bounds. `interleaved` is ignored and `searchedLogStreams` empty, as AWS does since 2019 and 2021.
pub async fn filter_log_events(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: FilterLogEventsRequest,
) -> Result<FilterLogEventsResponse, Error> {
    let scope = scope(&cx);
    let name =
        group_name(&scope, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
        return Err(errors::mutually_exclusive("logStreamNames", "logStreamNamePrefix"));
    }
    let pattern = FilterPattern::parse(input.filter_pattern.as_deref().unwrap_or_default())
        .map_err(errors::invalid_pattern)?;
    let token = input
        .next_token
        .as_deref()
        .map(|token| EventId::parse(token).ok_or_else(errors::invalid_next_token));
    let token = token.transpose()?;
    let group = logs.group(&scope, name)?;
    let mut streams = Streams {
        store: &logs.store,
        group: group.id,
        names: input.log_stream_names,
        prefix: input.log_stream_name_prefix.unwrap_or_default(),
        known: HashMap::new(),
    };
    streams.check_names(&logs)?;
    // Unlike GetLogEvents's, the end belongs.
    let end_ms = input.end_time.map(|ms| u64::try_from(ms).map_or(0, |ms| ms.saturating_add(1)));
    let mut window = Window::new(&group, logs.now_ms(), input.start_time, end_ms);
    window.start = window.start.max(token.unwrap_or_default());
    let events_max = input.limit.and_then(|limit| usize::try_from(limit).ok());
    let events_max = events_max.unwrap_or(limits::PAGE_EVENTS_MAX);
    let mut page = Page::new(Direction::Forward, events_max, limits::PAGE_BYTES_MAX);
    let searched = if window.is_empty() {
        Searched::Done
    } else {
        let mut selected = |stream| streams.is_selected(stream);
        let matches = |message: &str| pattern.matches(message);
        let (store, cipher) = (&logs.store, logs.cipher(&scope, name, &group).await?);
        search_group(store, group.id, &cipher, window, &mut selected, &matches, &mut page)
            .await
            .internal("searching log events")?
    };
    let full = page.boundary();
    let events = page.into_events();
    let next = match (searched, full) {
        (Searched::UpTo(ms), _) => Some(EventId::before(ms)),
        (Searched::Done, Some(_)) => events.last().map(|(id, _)| id.next()),
        (Searched::Done, None) => None,
    };
    let events = events.into_iter().map(|(id, event)| streams.found(id, event));
    Ok(FilterLogEventsResponse {
        events: Some(events.collect()),
        searched_log_streams: Some(Vec::new()),
        next_token: next.map(|id| id.to_string()),
    })
}

/// The streams that are searched.
struct Streams<'l> {
    store: &'l Store,
    group: GroupId,
    names: Option<Vec<String>>,
    prefix: String,
    /// Names of streams that are searched; `None` for the others, also those that were deleted.
    known: HashMap<StreamId, Option<String>>,
}

impl Streams<'_> {
    /// Streams that are asked for by name must exist.
    fn check_names(&self, logs: &Logs) -> Result<(), Error> {
        for name in self.names.iter().flatten() {
            let key = (self.group, name.clone());
            let stream = logs.store.get(&crate::tables::STREAMS, &key);
            stream.internal("reading a log stream")?.ok_or_else(errors::log_stream_not_found)?;
        }
        Ok(())
    }

    fn is_selected(&mut self, stream: StreamId) -> Result<bool, store::Error> {
        if let Some(name) = self.known.get(&stream) {
            return Ok(name.is_some());
        }
        let name = self.store.get(&STREAM_NAMES, &(self.group, stream))?.map(|row| row.name);
        let name = name.filter(|name| match &self.names {
            Some(names) => names.contains(name),
            None => name.starts_with(&self.prefix),
        });
        let selected = name.is_some();
        self.known.insert(stream, name);
        Ok(selected)
    }

    fn found(&self, id: EventId, event: ReadEvent) -> FilteredLogEvent {
        FilteredLogEvent {
            log_stream_name: self.known.get(&id.stream).cloned().flatten(),
            timestamp: Some(long(event.timestamp_ms)),
            message: Some(event.message),
            ingestion_time: Some(long(event.ingested_ms)),
            event_id: Some(id.to_string()),
        }
    }
}
