//! What PutLogEvents accepts.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use super::Event;
use crate::limits;

/// Why a whole batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It counts more than [`limits::BATCH_BYTES_MAX`] bytes: this many.
    TooLarge(usize),
    /// An event is earlier than the one before it.
    NotChronological,
    /// Its first and last events are too far apart.
    SpanTooLong,
}

/// Which events of a batch were not kept. Indexes are those of the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// All from here on are too far in the future.
    pub too_new_start: Option<usize>,
    /// All before this one are older than events may be.
    pub too_old_end: Option<usize>,
    /// All before this one are beyond the group's retention.
    pub expired_end: Option<usize>,
}

/// Whether the batch as such is acceptable.
pub fn check(events: &[Event]) -> Result<(), Refusal> {
    let bytes = events.iter().map(Event::counted_bytes).sum();
    if bytes > limits::BATCH_BYTES_MAX {
        return Err(Refusal::TooLarge(bytes));
    }
    if !events.is_sorted_by_key(|event| event.timestamp_ms) {
        return Err(Refusal::NotChronological);
    }
    match (events.first(), events.last()) {
        (Some(first), Some(last))
            if last.timestamp_ms - first.timestamp_ms > limits::BATCH_SPAN_MS_MAX =>
        {
            Err(Refusal::SpanTooLong)
        }
        _ => Ok(()),
    }
}

/// Takes out the events whose time does not allow them to be kept. `events` are in chronological order.
pub fn accept(
    mut events: Vec<Event>,
    now_ms: u64,
    retention_days: Option<u32>,
) -> (Vec<Event>, Rejected) {
    let first_not_before =
        |start_ms: u64| events.partition_point(|event| event.timestamp_ms < start_ms);
    let too_new = first_not_before(now_ms + limits::EVENT_FUTURE_MS_MAX + 1);
    let too_old = first_not_before(now_ms.saturating_sub(limits::EVENT_AGE_MS_MAX));
    let expired = first_not_before(kept_since(now_ms, retention_days));
    let rejected = Rejected {
        too_new_start: (too_new < events.len()).then_some(too_new),
        too_old_end: (too_old > 0).then_some(too_old),
        // Events that are too old are not reported as expired, too.
        expired_end: (expired > too_old).then_some(expired),
    };
    events.truncate(too_new);
    events.drain(..too_old.max(expired).min(too_new));
    (events, rejected)
}

/// The time of the earliest events that a group still shows, in milliseconds since 1970.
pub fn kept_since(now_ms: u64, retention_days: Option<u32>) -> u64 {
    let kept_ms = retention_days.map(|days| u64::from(days) * limits::DAY_MS);
    kept_ms.map_or(0, |kept_ms| now_ms.saturating_sub(kept_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_700_000_000_000;
    const HOUR_MS: u64 = 3_600_000;

    fn events(times_ms: &[u64]) -> Vec<Event> {
        times_ms.iter().map(|t| Event { timestamp_ms: *t, message: "x".into() }).collect()
    }

    #[test]
    fn whole_batches() {
        assert_eq!(check(&events(&[1, 1, 2])), Ok(()));
        assert_eq!(check(&events(&[2, 1])), Err(Refusal::NotChronological));
        assert_eq!(check(&events(&[0, 24 * HOUR_MS])), Ok(()));
        assert_eq!(check(&events(&[0, 24 * HOUR_MS + 1])), Err(Refusal::SpanTooLong));
        let event = |bytes| vec![Event { timestamp_ms: 0, message: "x".repeat(bytes) }];
        assert_eq!(check(&event(1_048_550)), Ok(()));
        assert_eq!(check(&event(1_048_551)), Err(Refusal::TooLarge(1_048_577)));
    }

    #[test]
    fn times() {
        let check = |times_ms: &[u64], days, kept_ms: &[u64], rejected: Rejected| {
            assert_eq!(
                accept(events(times_ms), NOW_MS, days),
                (events(kept_ms), rejected),
                "{times_ms:?}"
            );
        };
        let none = Rejected::default();
        let old = NOW_MS - 14 * 24 * HOUR_MS;
        let new = NOW_MS + 2 * HOUR_MS;
        check(&[old, NOW_MS, new], None, &[old, NOW_MS, new], none);
        check(&[old - 1, old], None, &[old], Rejected { too_old_end: Some(1), ..none });
        check(&[NOW_MS, new + 1], None, &[NOW_MS], Rejected { too_new_start: Some(1), ..none });
        check(&[old - 1], None, &[], Rejected { too_old_end: Some(1), ..none });
        check(&[new + 1], None, &[], Rejected { too_new_start: Some(0), ..none });
        let yesterday = NOW_MS - 24 * HOUR_MS;
        check(
            &[old - 1, yesterday - 1, yesterday, NOW_MS],
            Some(1),
            &[yesterday, NOW_MS],
            Rejected { too_old_end: Some(1), expired_end: Some(2), ..none },
        );
        check(&[], None, &[], none);
    }
}
