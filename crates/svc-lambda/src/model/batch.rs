//! Batches of an event source mapping: when one is full, what the function answered, and what comes after a failure.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching>

use crate::limits;
use base::Time;
use seams::SourceRecord;
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;

/// Records that are gathered for one invocation.
pub struct Gathering {
    records_max: usize,
    window: Duration,
    records: Vec<SourceRecord>,
    bytes: usize,
    /// When the first record came.
    since: Option<Time>,
}

impl Gathering {
    /// Nothing yet.
    pub fn new(records_max: usize, window: Duration) -> Self {
        Gathering { records_max, window, records: Vec::new(), bytes: 0, since: None }
    }

    /// Whether there is nothing yet.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// How many records may still be added.
    pub fn room(&self) -> usize {
        self.records_max.saturating_sub(self.records.len())
    }

    /// How long to wait for more; None if it is time to invoke.
    pub fn wait(&self, now: Time) -> Option<Duration> {
        let Some(since) = self.since else { return Some(limits::SOURCE_WAIT_MAX) };
        let full = self.room() == 0 || self.bytes >= limits::PAYLOAD_BYTES_MAX;
        let left = self.window.saturating_sub(now.since(since));
        (!full && !left.is_zero()).then(|| left.min(limits::SOURCE_WAIT_MAX))
    }

    /// Adds what was read.
    pub fn add(&mut self, records: Vec<SourceRecord>, now: Time) {
        if !records.is_empty() {
            self.since.get_or_insert(now);
        }
        self.bytes += records.iter().map(|record| record.event.len() + 1).sum::<usize>();
        self.records.extend(records);
    }

    /// All of them.
    pub fn into_records(self) -> Vec<SourceRecord> {
        self.records
    }
}

/// Cuts `records` into parts that fit into an invocation each. A record that is too large stands alone.
pub fn split_by_size(records: Vec<SourceRecord>) -> Vec<Vec<SourceRecord>> {
    let (mut parts, mut bytes) = (Vec::new(), usize::MAX);
    for record in records {
        let size = record.event.len() + 1;
        // Room for `{"Records":[]}`.
        if bytes.saturating_add(size) > limits::PAYLOAD_BYTES_MAX - 16 {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(part) = parts.last_mut() {
            part.push(record);
        }
    }
    parts
}

/// The event for the function.
pub fn payload(records: &[SourceRecord]) -> String {
    let events: Vec<&str> = records.iter().map(|record| record.event.as_str()).collect();
    format!("{{\"Records\":[{}]}}", events.join(","))
}

/// What a function that reports item failures says of its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was handled.
    Success,
    /// These items were not.
    Items(HashSet<String>),
    /// Nothing was, or the answer cannot be understood.
    Failure,
}

/// Reads `batchItemFailures`. Recorded: a missing or empty list is a success; a member without an identifier, or with
/// one that is empty or of no record, is a failure of the whole batch.
pub fn verdict(answer: &[u8], records: &[SourceRecord]) -> Verdict {
    let failures = match serde_json::from_slice(answer) {
        Ok(Value::Null) => return Verdict::Success,
        Ok(Value::String(text)) if text.is_empty() => return Verdict::Success,
        Ok(Value::Array(list)) if list.is_empty() => return Verdict::Success,
        Ok(Value::Object(mut members)) => {
            members.shift_remove("batchItemFailures").unwrap_or(Value::Null)
        }
        _ => return Verdict::Failure,
    };
    let list = match failures {
        Value::Null => return Verdict::Success,
        Value::Array(list) if list.is_empty() => return Verdict::Success,
        Value::Array(list) => list,
        _ => return Verdict::Failure,
    };
    let known: HashSet<&str> = records.iter().map(|record| record.item.as_str()).collect();
    let mut items = HashSet::new();
    for failure in list {
        match failure["itemIdentifier"].as_str() {
            Some(item) if known.contains(item) => items.insert(item.to_string()),
            _ => return Verdict::Failure,
        };
    }
    Verdict::Items(items)
}

/// How a stream's batch that failed goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryRule {
    /// -1 for as many as it takes.
    pub retries_max: i32,
    /// -1 for none, in seconds.
    pub record_age_s_max: i32,
    /// Whether the batch is halved.
    pub bisect: bool,
}

/// What comes after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The same once more, after this time.
    Retry(Duration),
    /// The first half, then the second.
    Halve,
    /// No more.
    GiveUp,
}

impl RetryRule {
    /// Whether a record that arrived then is too old.
    pub fn is_expired(&self, arrived_at: Time, now: Time) -> bool {
        let age_max = u64::try_from(self.record_age_s_max).map(Duration::from_secs);
        age_max.is_ok_and(|age_max| now.since(arrived_at) > age_max)
    }

    /// After the `attempts`th failure of a batch of `records`. Halving does not count as a retry.
    pub fn after_failure(&self, attempts: u32, records: usize) -> After {
        if self.bisect && records > 1 {
            return After::Halve;
        }
        if u32::try_from(self.retries_max).is_ok_and(|retries| attempts > retries) {
            return After::GiveUp;
        }
        let doubled = 1_u32 << attempts.saturating_sub(1).min(16);
        After::Retry((limits::BATCH_RETRY_MIN * doubled).min(limits::BATCH_RETRY_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(item: &str, bytes: usize) -> SourceRecord {
        SourceRecord {
            id: format!("id-{item}"),
            item: item.into(),
            arrived_at: Time::from_unix_s(100),
            event: "x".repeat(bytes),
        }
    }

    #[test]
    fn a_batch_is_full_by_number_or_by_time() {
        let now = Time::from_unix_s(1_000);
        let mut gathering = Gathering::new(3, Duration::from_secs(5));
        assert_eq!(gathering.wait(now), Some(limits::SOURCE_WAIT_MAX));
        gathering.add(Vec::new(), now);
        assert_eq!(gathering.wait(now), Some(limits::SOURCE_WAIT_MAX));
        gathering.add(vec![record("a", 1), record("b", 1)], now);
        assert_eq!(gathering.room(), 1);
        assert_eq!(gathering.wait(now + Duration::from_secs(2)), Some(Duration::from_secs(3)));
        assert_eq!(gathering.wait(now + Duration::from_secs(5)), None);
        gathering.add(vec![record("c", 1)], now);
        assert_eq!(gathering.wait(now), None);
        assert_eq!(gathering.into_records().len(), 3);
        let mut at_once = Gathering::new(10, Duration::ZERO);
        at_once.add(vec![record("a", 1)], now);
        assert_eq!(at_once.wait(now), None);
    }

    #[test]
    fn parts_fit_into_an_invocation() {
        let mib = 1 << 20;
        let parts = split_by_size(vec![
            record("a", 4 * mib),
            record("b", 3 * mib),
            record("c", mib),
            record("d", 9 * mib),
        ]);
        let sizes: Vec<usize> = parts.iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 2, 1]);
        assert!(split_by_size(Vec::new()).is_empty());
    }

    #[test]
    fn answers_are_read_as_recorded() {
        let records = [record("a", 1), record("b", 1)];
        let all = [
            ("null", Verdict::Success),
            ("\"\"", Verdict::Success),
            ("[]", Verdict::Success),
            ("{}", Verdict::Success),
            (r#"{"batchItemFailures":null}"#, Verdict::Success),
            (r#"{"batchItemFailures":[]}"#, Verdict::Success),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, Verdict::Failure),
            (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, Verdict::Failure),
            (r#"{"batchItemFailures":[{"itemIdentifier":"z"}]}"#, Verdict::Failure),
            (r#"{"batchItemFailures":[{"foo":"a"}]}"#, Verdict::Failure),
            ("not JSON", Verdict::Failure),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#,
                Verdict::Items(HashSet::from(["b".to_string()])),
            ),
        ];
        for (answer, expected) in all {
            assert_eq!(verdict(answer.as_bytes(), &records), expected, "{answer}");
        }
    }

    #[test]
    fn failures_of_streams() {
        let rule = RetryRule { retries_max: 2, record_age_s_max: 60, bisect: false };
        assert_eq!(rule.after_failure(1, 4), After::Retry(limits::BATCH_RETRY_MIN));
        assert!(matches!(rule.after_failure(2, 4), After::Retry(_)));
        assert_eq!(rule.after_failure(3, 4), After::GiveUp);
        let halving = RetryRule { bisect: true, ..rule };
        assert_eq!(halving.after_failure(1, 4), After::Halve);
        assert_eq!(halving.after_failure(3, 1), After::GiveUp);
        let for_ever = RetryRule { retries_max: -1, record_age_s_max: -1, bisect: false };
        assert_eq!(for_ever.after_failure(1_000, 1), After::Retry(limits::BATCH_RETRY_MAX));
        let (then, at) = (Time::from_unix_s(0), Time::from_unix_s);
        assert!(!rule.is_expired(then, at(60)) && rule.is_expired(then, at(61)));
        assert!(!for_ever.is_expired(then, at(1_000_000)));
    }
}
