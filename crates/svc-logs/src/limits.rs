//! Quotas and bounds, with their units and sources.
//!
//! Where no other source stands beside a constant:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>

use std::time::Duration;

/// Longest filter pattern, in characters.
pub const FILTER_PATTERN_CHARS_MAX: usize = 1_024;
/// Deepest nesting of parentheses in a filter pattern, and of a regular expression in it. Our own.
pub const FILTER_PATTERN_DEPTH_MAX: u32 = 32;
/// Most regular expressions in a JSON or space-delimited filter pattern.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
pub const FILTER_PATTERN_REGEXES_MAX: usize = 2;
/// Most `*` selectors in a JSON filter pattern. The same page.
pub const FILTER_PATTERN_WILDCARD_SELECTORS_MAX: usize = 3;
/// Largest compiled regular expression, in bytes, and largest cache of its automaton. Our own.
pub const FILTER_PATTERN_REGEX_BYTES_MAX: usize = 256 * 1_024;

/// Longest name of a log group or stream. AWS counts characters; bytes are counted here, because a name is part of a
/// key of the store.
pub const NAME_BYTES_MAX: usize = 512;
/// Most log groups per account and region.
pub const GROUPS_MAX: usize = 1_000_000;
/// Most tags of a log group.
pub const TAGS_MAX: usize = 50;
/// Most metric filters of a log group.
pub const METRIC_FILTERS_MAX: usize = 100;
/// Most subscription filters of a log group.
pub const SUBSCRIPTION_FILTERS_MAX: usize = 2;
/// How long Logs goes on trying to deliver events to a destination that may take them later.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html>
pub const SUBSCRIPTION_RETRY_MAX: Duration = Duration::from_secs(24 * 3_600);
/// How long events of a filter are skipped after its destination refused some for good. AWS: up to ten minutes, the same
/// page; shorter here, because whoever mends a permission on this machine waits for the next event.
pub const SUBSCRIPTION_DISABLED: Duration = Duration::from_secs(10);
/// The first pause before a delivery is tried again, which doubles up to [`SUBSCRIPTION_PAUSE_MAX`]. Our own.
pub const SUBSCRIPTION_PAUSE_MIN: Duration = Duration::from_secs(1);
/// The longest. Our own.
pub const SUBSCRIPTION_PAUSE_MAX: Duration = Duration::from_secs(60);
/// How long the first event of a delivery waits for others. Our own.
pub const SUBSCRIPTION_GATHER: Duration = Duration::from_millis(50);
/// Chunks of a filter that are looked at together. Our own.
pub const SUBSCRIBED_CHUNKS_READ: usize = 64;
/// Most bytes of one delivery's events, counted as PutLogEvents counts them, before they are compressed. Our own.
pub const DELIVERY_BYTES_MAX: usize = 1_024 * 1_024;
/// Largest event of an asynchronous invocation, in bytes.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const DELIVERY_PAYLOAD_BYTES_MAX: usize = 1_024 * 1_024;
/// Most resource policies of an account in a region.
pub const RESOURCE_POLICIES_MAX: usize = 10;
/// Longest resource policy, in bytes; the model has as many characters. All of them together fit in one row.
pub const RESOURCE_POLICY_BYTES_MAX: usize = 51_200;
/// Longest names of a metric or subscription filter and its group together, in bytes. Our own: both are in one key of the
/// store.
pub const FILTER_NAMES_BYTES_MAX: usize = 900;

/// How many days events may be kept.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
pub const RETENTION_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557,
    2_922, 3_288, 3_653,
];

/// Most events of one PutLogEvents.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub const BATCH_EVENTS_MAX: usize = 10_000;
/// Most bytes of one PutLogEvents: those of the messages and [`EVENT_OVERHEAD_BYTES`] for each.
pub const BATCH_BYTES_MAX: usize = 1_048_576;
/// What an event counts besides its message. The same page.
pub const EVENT_OVERHEAD_BYTES: usize = 26;
/// Longest message that a batch has room for.
pub const MESSAGE_BYTES_MAX: usize = BATCH_BYTES_MAX - EVENT_OVERHEAD_BYTES;
/// Longest time between the first and the last event of a batch, in milliseconds. The same page.
pub const BATCH_SPAN_MS_MAX: u64 = 24 * 3_600_000;
/// How old an event may be when it comes in, in milliseconds. The same page.
pub const EVENT_AGE_MS_MAX: u64 = 14 * DAY_MS;
/// How far in the future an event may be, in milliseconds. The same page.
pub const EVENT_FUTURE_MS_MAX: u64 = 2 * 3_600_000;
/// Milliseconds of a day.
pub const DAY_MS: u64 = 24 * 3_600_000;

/// How long an opened data key is used before KMS is asked again.
pub const DATA_KEY_LIFETIME: std::time::Duration = std::time::Duration::from_secs(300);
/// Opened data keys that are kept.
pub const DATA_KEYS_MAX: usize = 1_024;
/// How often a group may be given a key.
pub const DATA_KEYS_PER_GROUP_MAX: usize = 100;
/// Largest chunk of events as JSON, in bytes, so that a batch is few rows and reading does not fetch much in vain.
pub const CHUNK_BYTES_MAX: usize = 256 * 1_024;
/// A chunk's events lie within one interval of this length, in milliseconds, counted from 1970: so a reader knows from
/// the first event's time which chunks can hold events of some time.
pub const CHUNK_INTERVAL_MS: u64 = 10_000;
/// Largest part of a large message as JSON, in bytes; below the store's 1 MiB.
pub const MESSAGE_PART_BYTES_MAX: usize = 512 * 1_024;

/// Most events of one answer of GetLogEvents and FilterLogEvents.
pub const PAGE_EVENTS_MAX: usize = 10_000;
/// Most bytes of one such answer, counted as PutLogEvents counts them.
pub const PAGE_BYTES_MAX: usize = 1_048_576;
/// Chunks that a reader of a stream fetches at first: most want little. It doubles from view to view. Our own.
pub const READ_CHUNKS_MIN: usize = 4;
/// Most chunks of one view. Our own.
pub const READ_CHUNKS_MAX: usize = 64;
/// Bytes of events that one FilterLogEvents looks at before it answers with what it has. Our own.
pub const SEARCH_BYTES_MAX: u64 = 16 * 1_024 * 1_024;
/// Chunks that one FilterLogEvents passes before it answers with what it has. Our own.
pub const SEARCH_CHUNKS_MAX: usize = 10_000;

/// Most rows of one page of the Describe operations, and how many come unasked.
pub const DESCRIBE_MAX: usize = 50;
/// Most streams that FilterLogEvents and StartLiveTail take by name. The model says so too.
pub const STREAM_NAMES_MAX: usize = 100;
/// Rows that one Describe call passes in search of those that were asked for, before it answers with what it has.
pub const DESCRIBE_ROWS_MAX: usize = 20_000;
/// Rows that a Describe call reads in one view.
pub const DESCRIBE_VIEW_ROWS_MAX: usize = 1_000;

/// Most live tails per account and region.
pub const LIVE_TAILS_MAX: usize = 15;
/// Most log groups of a live tail. The model says so too.
pub const LIVE_TAIL_GROUPS_MAX: usize = 10;
/// Longest live tail.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html>
pub const LIVE_TAIL_DURATION_MAX: Duration = Duration::from_secs(3 * 3_600);
/// How often a live tail tells of events. The same page.
pub const LIVE_TAIL_PERIOD: Duration = Duration::from_secs(1);
/// Most events of one update; of more, a sample is shown. The same page.
pub const LIVE_TAIL_EVENTS_MAX: usize = 500;
/// Most bytes of the messages of one update. Our own.
pub const LIVE_TAIL_BYTES_MAX: usize = 1_024 * 1_024;

/// How often expired events are looked for.
pub const RETENTION_SWEEP_PERIOD: Duration = Duration::from_secs(15 * 60);
/// Chunks, streams or parts of messages that one transaction removes.
pub const REMOVAL_ROWS_MAX: usize = 256;
