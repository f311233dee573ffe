//! Reading events out of chunks, in the order of their ids.

use crate::encryption::Cipher;
use crate::limits;
use crate::model::batch::kept_since;
use crate::model::chunk::interval_start;
use crate::model::event_id::EventId;
use crate::model::page::{Direction, Page};
use crate::tables::{
    CHUNKS, CHUNKS_BY_TIME, ChunkRecord, EventRecord, GroupId, GroupRecord, LARGE_MESSAGES,
    StreamId,
};
use store::{Prefix, Store};

/// An event with when it came in.
#[derive(Clone, Debug)]
pub struct ReadEvent {
    /// When it happened, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// When it came in, in milliseconds since 1970.
    pub ingested_ms: u64,
    /// Its text.
    pub message: String,
}

impl ReadEvent {
    fn counted_bytes(&self) -> usize {
        self.message.len() + limits::EVENT_OVERHEAD_BYTES
    }
}

/// Events with these ids: from `start` on and before `end`.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The first id that belongs.
    pub start: EventId,
    /// The first id that does not.
    pub end: EventId,
}

impl Window {
    /// The events from `start_ms` on and before `end_ms` that `group` still keeps at `now_ms`.
    pub fn new(
        group: &GroupRecord,
        now_ms: u64,
        start_ms: Option<i64>,
        end_ms: Option<u64>,
    ) -> Self {
        let start_ms = start_ms.map_or(0, |ms| u64::try_from(ms).unwrap_or(0));
        let start_ms = start_ms.max(kept_since(now_ms, group.retention_days));
        Window {
            start: EventId::before(start_ms),
            end: EventId::before(end_ms.unwrap_or(u64::MAX)),
        }
    }

    /// Whether no id belongs.
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    fn holds(&self, id: EventId) -> bool {
        self.start <= id && id < self.end
    }
}

/// A chunk and where it is.
struct Chunk {
    stream: StreamId,
    first_ms: u64,
    sequence: u64,
    record: ChunkRecord,
}

impl Chunk {
    /// Its events with their ids.
    fn events(self) -> impl Iterator<Item = (EventId, u64, EventRecord)> {
        let Chunk { stream, sequence, record, .. } = self;
        record.events.into_iter().enumerate().map(move |(index, event)| {
            let timestamp_ms = event.timestamp_ms;
            let index = u32::try_from(index).expect("a chunk is smaller than 4 GiB");
            (EventId { timestamp_ms, stream, sequence, index }, record.ingested_ms, event)
        })
    }
}

/// Makes an event whole: its message stands in its row or in parts.
fn read(
    store: &Store,
    group: GroupId,
    cipher: &Cipher,
    id: EventId,
    ingested_ms: u64,
    event: EventRecord,
) -> Result<ReadEvent, store::Error> {
    let mut message = event.message;
    for part in 0..event.parts {
        // A part that is missing was removed while we read, as was its event.
        let row = store.get(&LARGE_MESSAGES, &(group, id.stream, id.sequence, part))?;
        if let Some(row) = row {
            message.push_str(&cipher.open_part(row)?);
        }
    }
    Ok(ReadEvent { timestamp_ms: id.timestamp_ms, ingested_ms, message })
}

/// The events of one chunk, with their ids; none if it is gone.
pub fn read_chunk(
    store: &Store,
    group: GroupId,
    cipher: &Cipher,
    (stream, first_ms, sequence): (StreamId, u64, u64),
) -> Result<Vec<(EventId, ReadEvent)>, store::Error> {
    let Some(record) = store.get(&CHUNKS, &(group, stream, first_ms, sequence))? else {
        return Ok(Vec::new());
    };
    let chunk = Chunk { stream, first_ms, sequence, record: cipher.open(record)? };
    let events = chunk.events().map(|(id, ingested_ms, event)| {
        Ok((id, read(store, group, cipher, id, ingested_ms, event)?))
    });
    events.collect()
}

/// The first events of one stream in `window`, in `direction`, as far as `page` has room.
pub async fn read_stream(
    store: &Store,
    group: GroupId,
    cipher: &Cipher,
    stream: StreamId,
    window: Window,
    direction: Direction,
    page: &mut Page<ReadEvent>,
) -> Result<(), store::Error> {
    // Chunks begin in the interval of every event that they hold.
    let from_ms = interval_start(window.start.timestamp_ms);
    let below_ms = window.end.timestamp_ms.saturating_add(1);
    let (mut last, mut rows_max) = (None, limits::READ_CHUNKS_MIN);
    loop {
        let mut range = Prefix::of((group, stream))
            .from((group, stream, from_ms))
            .below((group, stream, below_ms));
        if direction == Direction::Backward {
            range = range.reverse();
        }
        if let Some(last) = &last {
            range = range.after(last);
        }
        let rows = store.view(|view| view.scan(&CHUNKS, range, rows_max)).await?;
        let more = rows.len() == rows_max;
        rows_max = limits::READ_CHUNKS_MAX.min(rows_max * 2);
        last = rows.last().map(|(key, _)| *key);
        for ((_, _, first_ms, sequence), record) in rows {
            let chunk = Chunk { stream, first_ms, sequence, record };
            if is_behind(page, direction, chunk.first_ms) {
                return Ok(());
            }
            let chunk = Chunk { record: cipher.open(chunk.record)?, ..chunk };
            for (id, ingested_ms, event) in chunk.events() {
                if window.holds(id) && page.wants(id) {
                    let event = read(store, group, cipher, id, ingested_ms, event)?;
                    page.offer(id, event.counted_bytes(), event);
                }
            }
        }
        if !more {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

/// Whether a chunk that begins at `first_ms`, and all that follow it in `direction`, hold nothing for the page.
fn is_behind(page: &Page<ReadEvent>, direction: Direction, first_ms: u64) -> bool {
    page.boundary().is_some_and(|boundary| match direction {
        Direction::Forward => first_ms > boundary.timestamp_ms,
        Direction::Backward => {
            interval_start(first_ms) + limits::CHUNK_INTERVAL_MS <= boundary.timestamp_ms
        }
    })
}

/// How a search over a group's streams ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// The page is full, or the window has no more events.
    Done,
    /// It looked at enough for one answer: nothing from this time on was searched.
    UpTo(u64),
}

/// The first events of a group in `window` whose stream is `selected` and whose message `matches`, as far as `page`,
/// a forward one, has room.
pub async fn search_group(
    store: &Store,
    group: GroupId,
    cipher: &Cipher,
    window: Window,
    selected: &mut (dyn FnMut(StreamId) -> Result<bool, store::Error> + Send),
    matches: &(dyn Fn(&str) -> bool + Sync),
    page: &mut Page<ReadEvent>,
) -> Result<Searched, store::Error> {
    let start_ms = window.start.timestamp_ms;
    let below_ms = window.end.timestamp_ms.saturating_add(1);
    let (mut last, mut passed, mut bytes) = (None, 0, 0);
    loop {
        let mut range =
            Prefix::of((group,)).from((group, interval_start(start_ms))).below((group, below_ms));
        if let Some(last) = &last {
            range = range.after(last);
        }
        let spans = store.view(|view| view.scan(&CHUNKS_BY_TIME, range, SPANS_MAX)).await?;
        let more = spans.len() == SPANS_MAX;
        last = spans.last().map(|(key, _)| *key);
        for ((_, first_ms, stream, sequence), span) in spans {
            if is_behind(page, Direction::Forward, first_ms) {
                return Ok(Searched::Done);
            }
            // The bound holds between chunks of different times only, so that the next search gets further.
            let enough = passed > limits::SEARCH_CHUNKS_MAX || bytes > limits::SEARCH_BYTES_MAX;
            if enough && first_ms > start_ms {
                page.truncate(first_ms);
                return Ok(Searched::UpTo(first_ms));
            }
            if first_ms >= start_ms {
                passed += 1;
            }
            if span.last_ms < start_ms || !selected(stream)? {
                continue;
            }
            let Some(record) = store.get(&CHUNKS, &(group, stream, first_ms, sequence))? else {
                continue;
            };
            if first_ms >= start_ms {
                bytes += span.bytes;
            }
            let record = cipher.open(record)?;
            let chunk = Chunk { stream, first_ms, sequence, record };
            for (id, ingested_ms, event) in chunk.events() {
                if !window.holds(id) || !page.wants(id) {
                    continue;
                }
                let event = read(store, group, cipher, id, ingested_ms, event)?;
                if matches(&event.message) {
                    page.offer(id, event.counted_bytes(), event);
                }
            }
            tokio::task::yield_now().await;
        }
        if !more {
            return Ok(Searched::Done);
        }
    }
}

/// Entries of the order of time that are read in one view.
const SPANS_MAX: usize = 256;
