//! Quotas of CloudTrail, and what the audit trail may cost.

use std::time::Duration;

/// How long events are kept.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>
pub const EVENTS_KEPT: Duration = Duration::from_secs(90 * 86_400);
/// Events that are kept, all accounts together; the oldest make room.
pub const EVENTS_MAX: usize = 200_000;
/// Events that wait to be written; further ones are lost and counted in the log.
pub const QUEUE_MAX: usize = 8_192;
/// Events in one transaction.
pub const BATCH_MAX: usize = 256;
/// Rows that are removed at a time.
pub const REMOVED_MAX: usize = 256;
/// The pause of the writing loop after a failure.
pub const WRITE_PAUSE: Duration = Duration::from_secs(1);
/// How long the first event of a batch waits for others.
pub const GATHER: Duration = Duration::from_millis(20);
/// Events on a page of `LookupEvents`, and as many as AWS gives without being told.
pub const PAGE_MAX: usize = 50;
/// Rows that are looked at at a time.
pub const SCANNED: usize = 200;
/// Rows that one call of `LookupEvents` looks at; then it answers with a token, perhaps with no event.
pub const SCANNED_MAX: usize = 20_000;
/// Longest error message in an event, in characters, as AWS cuts it.
pub const ERROR_CHARACTERS_MAX: usize = 1_024;
/// Longest `User-Agent` in an event, in characters, as AWS cuts it.
pub const USER_AGENT_CHARACTERS_MAX: usize = 1_024;
