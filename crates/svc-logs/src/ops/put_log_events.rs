//! `PutLogEvents`: append a batch of events to a stream.

use super::long;
use crate::errors::{self, Failure};
use crate::model::Event;
use crate::model::batch::{self, Rejected};
use crate::model::chunk::{self, Chunk};
use crate::model::event_id::EventId;
use crate::model::log_group::Scope;
use crate::tables::{
    CHUNKS, CHUNKS_BY_TIME, GROUPS, GroupId, LARGE_MESSAGES, MessagePartRecord, STORED_BYTES,
    STREAMS, SUBSCRIBED_CHUNKS, StreamRecord, SubscribedChunkRecord, SubscriptionId,
};
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use store::Tx;
use wire::Error;
use wire_logs::{PutLogEventsRequest, PutLogEventsResponse, RejectedLogEventsInfo};

/// The sequence token is not needed any more and ignored, as AWS does since 2023; the next one is still returned.
pub async fn put_log_events(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: PutLogEventsRequest,
) -> Result<PutLogEventsResponse, Error> {
    let events = input.log_events.into_iter().map(|event| Event {
        // The model demands a number that is not negative.
        timestamp_ms: u64::try_from(event.timestamp).unwrap_or(0),
        message: event.message,
    });
    let events: Vec<Event> = events.collect();
    batch::check(&events).map_err(errors::refused_batch)?;
    let scope = scope(&cx);
    let (stream, rejected) =
        append(&logs, &scope, &input.log_group_name, &input.log_stream_name, events).await?;
    let index = |index: Option<usize>| index.map(|index| index as i32);
    let rejected = (rejected != Rejected::default()).then(|| RejectedLogEventsInfo {
        too_new_log_event_start_index: index(rejected.too_new_start),
        too_old_log_event_end_index: index(rejected.too_old_end),
        expired_log_event_end_index: index(rejected.expired_end),
    });
    Ok(PutLogEventsResponse {
        next_sequence_token: Some(sequence_token(&stream)),
        rejected_log_events_info: rejected,
        rejected_entity_info: None,
    })
}

/// A token of 56 digits that changes with every batch.
pub(crate) fn sequence_token(stream: &StreamRecord) -> String {
    let id = EventId {
        timestamp_ms: stream.last_ingestion_ms.unwrap_or(stream.created_ms),
        stream: stream.id,
        sequence: stream.next_sequence,
        index: 0,
    };
    id.to_string()
}

/// Appends those of `events`, an acceptable batch, whose time allows it; returns the stream after that.
pub(crate) async fn append(
    logs: &Logs,
    scope: &Scope,
    group_name: &str,
    stream_name: &str,
    events: Vec<Event>,
) -> Result<(StreamRecord, Rejected), Error> {
    let now_ms = logs.now_ms();
    let group = logs.group(scope, group_name)?;
    let (events, rejected) = batch::accept(events, now_ms, group.retention_days);
    let delivery = logs.followers.prepare(group.id, stream_name, now_ms, &events);
    let mut chunks = chunk::split(events, now_ms);
    logs.cipher(scope, group_name, &group).await?.seal(&*logs.entropy, &mut chunks);
    let group_key = (scope.account, scope.region.clone(), group_name.to_string());
    let stream_key = (group.id, stream_name.to_string());
    let appended = logs.store.transact(move |tx| {
        // The group may have been deleted, and made anew, since it was read.
        let current = tx.get(&GROUPS, &group_key)?.filter(|current| current.id == group.id);
        let current = current.ok_or_else(errors::log_group_not_found)?;
        let stream = tx.get(&STREAMS, &stream_key)?.ok_or_else(errors::log_stream_not_found)?;
        if chunks.is_empty() {
            return Ok(stream);
        }
        for subscription in &current.subscriptions {
            subscribe(tx, *subscription, group.id, &stream, &chunks, now_ms)?;
        }
        let stream = write(tx, group.id, stream, &chunks, now_ms)?;
        tx.put(&STREAMS, &stream_key, &stream)?;
        Ok::<StreamRecord, Failure>(stream)
    });
    let stream = appended.await?;
    delivery.deliver();
    Ok((stream, rejected))
}

fn write(
    tx: &mut Tx<'_>,
    group: GroupId,
    mut stream: StreamRecord,
    chunks: &[Chunk],
    now_ms: u64,
) -> Result<StreamRecord, Failure> {
    let mut stored = tx.get(&STORED_BYTES, &group)?.unwrap_or_default();
    for chunk in chunks {
        let (first_ms, sequence) = (chunk.first_ms, stream.next_sequence);
        stream.next_sequence += 1;
        tx.put(&CHUNKS, &(group, stream.id, first_ms, sequence), &chunk.record)?;
        tx.put(&CHUNKS_BY_TIME, &(group, first_ms, stream.id, sequence), &chunk.span)?;
        for (part, text) in (0..).zip(&chunk.parts) {
            let key = (group, stream.id, sequence, part);
            tx.put(
                &LARGE_MESSAGES,
                &key,
                &MessagePartRecord { text: text.clone(), key: chunk.parts_key },
            )?;
        }
        stored.bytes += chunk.span.bytes;
        stream.first_event_ms =
            Some(stream.first_event_ms.map_or(first_ms, |earliest| earliest.min(first_ms)));
        stream.last_event_ms = stream.last_event_ms.max(Some(chunk.span.last_ms));
    }
    stream.last_ingestion_ms = Some(now_ms);
    tx.put(&STORED_BYTES, &group, &stored)?;
    Ok(stream)
}

/// Leaves word for the loop that delivers: with the events, so that none is ever forgotten.
fn subscribe(
    tx: &mut Tx<'_>,
    subscription: SubscriptionId,
    group: GroupId,
    stream: &StreamRecord,
    chunks: &[Chunk],
    now_ms: u64,
) -> Result<(), Failure> {
    for (sequence, chunk) in (stream.next_sequence..).zip(chunks) {
        let key = (subscription, now_ms, stream.id, sequence);
        let record = SubscribedChunkRecord { group, first_ms: chunk.first_ms };
        tx.put(&SUBSCRIBED_CHUNKS, &key, &record)?;
    }
    Ok(())
}

/// For answers.
pub(crate) fn optional_long(number: Option<u64>) -> Option<i64> {
    number.map(long)
}
