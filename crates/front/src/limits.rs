//! What a client may cost.

use base::{KIB, MIB};
use std::time::Duration;

/// Most connections at a time, all listeners together. Further ones wait in the kernel's queue.
pub const CONNECTIONS_MAX: usize = 4096;

/// Largest head of a request, in bytes. AWS's own load balancers take 60 KiB.
pub const HEAD_BYTES_MAX: usize = (64 * KIB) as usize;

/// Most headers of a request.
pub const HEADERS_MAX: usize = 128;

/// Most requests at a time on one connection of HTTP/2.
pub const STREAMS_MAX: u32 = 256;

/// Largest body, in bytes, where the service has no limit of its own. The largest request of any JSON or query service is
/// DynamoDB's batch of 16 MB. <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub const BODY_BYTES_MAX: u64 = 16 * MIB;

/// Largest body of Lambda, in bytes: a ZIP archive of 50 MB in base64 and room for the rest.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const LAMBDA_BODY_BYTES_MAX: u64 = 72 * MIB;

/// Bodies up to this size, in bytes, are read without asking [`BODIES_MIB_MAX`].
pub const SMALL_BODY_BYTES_MAX: u64 = MIB;

/// What is read and thrown away of a body that is too large, in bytes.
pub const DISCARDED_BYTES_MAX: u64 = 32 * MIB;

/// Longest wait for the next piece of a body that is thrown away.
pub const DISCARD_PAUSE_MAX: Duration = Duration::from_secs(2);

/// All larger bodies that are being read or served at a time, in MiB.
pub const BODIES_MIB_MAX: usize = 1024;

/// Longest wait for the head of the first request of a connection.
pub const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Longest wait for the head of the next request of a connection. SDKs close theirs after 60 s or less.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// Longest wait for a body as a whole.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(120);

/// Longest wait for the next piece of a body that its operation takes in as it comes.
pub const PIECE_TIMEOUT: Duration = Duration::from_secs(60);

/// Longest time for which a client takes nothing of an answer that is being written to it.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How often connections are looked at for [`FIRST_REQUEST_TIMEOUT`], [`IDLE_TIMEOUT`] and [`STALL_TIMEOUT`].
pub const IDLE_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Longest wait for running requests at shutdown.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// The largest body of `service`, by its signing name.
pub(crate) fn body_bytes_max(signing_name: &str) -> u64 {
    match signing_name {
        "lambda" => LAMBDA_BODY_BYTES_MAX,
        _ => BODY_BYTES_MAX,
    }
}

/// Bytes of an `X-Amzn-Trace-Id` that is taken up. Not documented: lineages of SDKs are shorter.
pub const TRACE_HEADER_BYTES_MAX: usize = 1_024;
