//! What the service offers to others.

use crate::model::Event;
use crate::model::batch;
use crate::ops::{create_log_group, create_log_stream, put_log_events};
use crate::routes::{CREATE_LOG_STREAM, PUT_LOG_EVENTS, write_request};
use crate::tables::{GROUPS, GroupRecord, STREAMS};
use crate::{Logs, limits, scope};
use base::BoxFut;
use seams::{AccessRequest, CallCx, Error, LogEvent, LogSink};
use std::collections::BTreeMap;
use wire::Protocol;

impl LogSink for Logs {
    fn append<'a>(
        &'a self,
        cx: &'a CallCx,
        log_group: &'a str,
        log_stream: &'a str,
        events: Vec<LogEvent>,
    ) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async move {
            let scope = scope(cx);
            let write = write_request(self, cx, PUT_LOG_EVENTS, log_group, log_stream);
            self.authorizer.authorize(cx, &write.map_err(fault)?).await?;
            self.make_missing(cx, log_group, log_stream).await?;
            for events in batches(events) {
                let appended =
                    put_log_events::append(self, &scope, log_group, log_stream, events).await;
                appended.map_err(fault)?;
            }
            Ok(())
        })
    }
}

impl Logs {
    /// Makes the group and the stream where they are missing, with the caller's permissions.
    async fn make_missing(&self, cx: &CallCx, group: &str, stream: &str) -> Result<(), Error> {
        let scope = scope(cx);
        let read = |error: store::Error| Error::internal(error.to_string());
        let group_key = (scope.account, scope.region.clone(), group.to_string());
        let mut found = self.store.get(&GROUPS, &group_key).map_err(read)?;
        if found.is_none() {
            let create = AccessRequest::new("logs:CreateLogGroup", scope.stream_arn(group, ""));
            self.authorizer.authorize(cx, &create).await?;
            let record = GroupRecord {
                id: self.new_id(),
                created_ms: self.now_ms(),
                retention_days: None,
                kms_key_id: None,
                data_keys: Vec::new(),
                class: "STANDARD".into(),
                deletion_protection: false,
                tags: BTreeMap::new(),
                subscriptions: Vec::new(),
            };
            let made =
                create_log_group::create(self, scope.clone(), group.to_string(), record).await;
            unless_it_exists(made)?;
            found = self.store.get(&GROUPS, &group_key).map_err(read)?;
        }
        let id = found.map(|group| group.id).unwrap_or_default();
        if self.store.get(&STREAMS, &(id, stream.to_string())).map_err(read)?.is_none() {
            let create = write_request(self, cx, CREATE_LOG_STREAM, group, stream);
            self.authorizer.authorize(cx, &create.map_err(fault)?).await?;
            let (group, stream) = (group.to_string(), stream.to_string());
            unless_it_exists(create_log_stream::create(self, scope, group, stream).await)?;
        }
        Ok(())
    }
}

/// Somebody else may have made it since we looked.
fn unless_it_exists(made: Result<(), wire::Error>) -> Result<(), Error> {
    made.map_err(fault).or_else(|error| {
        if error.code == "ResourceAlreadyExistsException" { Ok(()) } else { Err(error) }
    })
}

fn fault(error: wire::Error) -> Error {
    if let Some(cause) = error.internal_cause() {
        return Error::internal(cause.to_string());
    }
    let (service, protocol) = (&wire_logs::SERVICE, Protocol::AwsJson);
    Error::new(error.status(service, protocol), error.code(service, protocol), error.message())
}

/// Batches as PutLogEvents takes them: in the order of time, bounded in number, bytes and span; too long messages cut.
fn batches(events: Vec<LogEvent>) -> Vec<Vec<Event>> {
    let mut events: Vec<Event> = events.into_iter().map(into_event).collect();
    events.sort_by_key(|event| event.timestamp_ms);
    let mut batches: Vec<Vec<Event>> = Vec::new();
    let (mut bytes, mut start_ms) = (0, 0);
    for event in events {
        bytes += event.counted_bytes();
        let fits = bytes <= limits::BATCH_BYTES_MAX
            && event.timestamp_ms - start_ms <= limits::BATCH_SPAN_MS_MAX;
        match batches.last_mut() {
            Some(batch) if fits && batch.len() < limits::BATCH_EVENTS_MAX => batch.push(event),
            _ => {
                (bytes, start_ms) = (event.counted_bytes(), event.timestamp_ms);
                batches.push(vec![event]);
            }
        }
    }
    debug_assert!(batches.iter().all(|events| batch::check(events).is_ok()));
    batches
}

fn into_event(event: LogEvent) -> Event {
    let mut message = event.message;
    if message.len() > limits::MESSAGE_BYTES_MAX {
        message.truncate(message.floor_char_boundary(limits::MESSAGE_BYTES_MAX));
    }
    Event { timestamp_ms: event.timestamp.unix_ms(), message }
}

#[cfg(test)]
mod tests;
