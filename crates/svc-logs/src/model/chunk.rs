//! How a batch becomes rows.

use super::Event;
use crate::limits;
use crate::tables::{ChunkRecord, ChunkSpanRecord, EventRecord};

/// A row of events with what belongs to it.
#[derive(Debug)]
pub struct Chunk {
    /// The time of the first event.
    pub first_ms: u64,
    /// The row.
    pub record: ChunkRecord,
    /// Its entry in the order of time.
    pub span: ChunkSpanRecord,
    /// The parts of its only message, if that is too large for the row.
    pub parts: Vec<String>,
    /// Under which of the group's data keys the parts are sealed, counted from 1; 0 if they are not.
    pub parts_key: usize,
}

/// The start of the interval that holds `timestamp_ms`; all events of a chunk are in one interval.
pub fn interval_start(timestamp_ms: u64) -> u64 {
    timestamp_ms - timestamp_ms % limits::CHUNK_INTERVAL_MS
}

/// Cuts events, which are in chronological order, into chunks of bounded size and span.
pub fn split(events: Vec<Event>, ingested_ms: u64) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    // Bytes of the last chunk's row; past the limit if nothing can be added to it.
    let mut row_bytes = usize::MAX;
    for event in events {
        let event_bytes = json_bytes(&event.message) + EVENT_JSON_BYTES;
        let counted_bytes = event.counted_bytes() as u64;
        let large = event_bytes > limits::CHUNK_BYTES_MAX;
        let added = row_bytes.saturating_add(event_bytes);
        let open = chunks.last_mut().filter(|chunk| {
            added <= limits::CHUNK_BYTES_MAX
                && interval_start(chunk.first_ms) == interval_start(event.timestamp_ms)
        });
        if let Some(chunk) = open {
            row_bytes = added;
            chunk.span.last_ms = event.timestamp_ms;
            chunk.span.bytes += counted_bytes;
            let Event { timestamp_ms, message } = event;
            chunk.record.events.push(EventRecord { timestamp_ms, message, parts: 0 });
            continue;
        }
        row_bytes = if large { usize::MAX } else { event_bytes };
        let parts = if large { cut(&event.message) } else { Vec::new() };
        let message = if large { String::new() } else { event.message };
        let timestamp_ms = event.timestamp_ms;
        let event = EventRecord { timestamp_ms, message, parts: parts.len() as u64 };
        chunks.push(Chunk {
            first_ms: timestamp_ms,
            span: ChunkSpanRecord {
                last_ms: timestamp_ms,
                bytes: counted_bytes,
                parts: event.parts,
            },
            record: ChunkRecord { ingested_ms, events: vec![event], sealed: None },
            parts,
            parts_key: 0,
        });
    }
    chunks
}

/// What an event's row entry has besides its message: names, time, punctuation.
const EVENT_JSON_BYTES: usize = 40;

/// How many bytes `text` has between the quotation marks of JSON.
fn json_bytes(text: &str) -> usize {
    text.bytes().map(json_byte_bytes).sum()
}

fn json_byte_bytes(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

/// Cuts a text at characters into parts of bounded size.
fn cut(text: &str) -> Vec<String> {
    let (mut parts, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        let char_bytes = if c.is_ascii() { json_byte_bytes(c as u8) } else { c.len_utf8() };
        if bytes + char_bytes > limits::MESSAGE_PART_BYTES_MAX {
            parts.push(text[start..at].to_string());
            (start, bytes) = (at, 0);
        }
        bytes += char_bytes;
    }
    parts.push(text[start..].to_string());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(timestamp_ms: u64, message: &str) -> Event {
        Event { timestamp_ms, message: message.into() }
    }

    #[test]
    fn one_chunk_for_an_ordinary_batch() {
        let chunks = split(vec![event(20_000, "a"), event(20_001, "b"), event(29_999, "c")], 7);
        assert_eq!(chunks.len(), 1);
        assert_eq!((chunks[0].first_ms, chunks[0].span.last_ms), (20_000, 29_999));
        assert_eq!((chunks[0].record.events.len(), chunks[0].span.bytes), (3, 3 * 27));
        assert!(split(Vec::new(), 7).is_empty());
    }

    #[test]
    fn intervals_are_not_mixed() {
        let chunks = split(vec![event(9_999, "a"), event(10_000, "b"), event(86_000_000, "c")], 7);
        let firsts: Vec<u64> = chunks.iter().map(|chunk| chunk.first_ms).collect();
        assert_eq!(firsts, [9_999, 10_000, 86_000_000]);
    }

    #[test]
    fn large_messages_stand_alone_in_parts() {
        let large = "\u{1}".repeat(limits::MESSAGE_BYTES_MAX);
        let chunks = split(vec![event(1, "a"), event(1, &large), event(1, "b")], 7);
        let parts: Vec<usize> = chunks.iter().map(|chunk| chunk.parts.len()).collect();
        assert_eq!(parts, [0, 12, 0]);
        assert_eq!(chunks[1].parts.concat(), large);
        assert_eq!((chunks[1].record.events[0].parts, chunks[1].span.parts), (12, 12));
        assert_eq!(chunks[1].span.bytes, limits::BATCH_BYTES_MAX as u64);
    }

    proptest! {
        // Hundreds of kilobytes per case.
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// Every event is in a chunk, in order; chunks and parts have their bounds.
        #[test]
        fn complete_and_bounded(
            lengths in prop::collection::vec((0_u64..8_000, 1_usize..200_000, any::<bool>()), 0..12),
        ) {
            let mut timestamp_ms = 1_000_000;
            let events: Vec<Event> = lengths.into_iter().map(|(step, length, escaped)| {
                timestamp_ms += step;
                event(timestamp_ms, &(if escaped { "\u{1}" } else { "ä" }).repeat(length))
            }).collect();
            let chunks = split(events.clone(), 7);
            let mut restored = Vec::new();
            for chunk in &chunks {
                let row = serde_json::to_vec(&chunk.record).unwrap();
                prop_assert!(row.len() <= limits::CHUNK_BYTES_MAX + 100, "{}", row.len());
                for part in &chunk.parts {
                    prop_assert!(serde_json::to_vec(part).unwrap().len() <= limits::MESSAGE_PART_BYTES_MAX + 2);
                }
                let first = &chunk.record.events[0];
                let last = chunk.record.events.last().unwrap();
                prop_assert_eq!((first.timestamp_ms, last.timestamp_ms), (chunk.first_ms, chunk.span.last_ms));
                prop_assert_eq!(interval_start(chunk.first_ms), interval_start(chunk.span.last_ms));
                restored.extend(chunk.record.events.iter().map(|event| Event {
                    timestamp_ms: event.timestamp_ms,
                    message: if event.parts > 0 { chunk.parts.concat() } else { event.message.clone() },
                }));
            }
            prop_assert_eq!(restored, events);
        }
    }
}
