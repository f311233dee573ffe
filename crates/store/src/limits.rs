//! What a table, a row and a transaction may be. Those of FoundationDB, so that code written against the embedded
//! store also runs on a distributed one: <https://apple.github.io/foundationdb/known-limitations.html>.

use std::time::Duration;

/// Largest key in bytes, encoded, with the table's name: room for a key of S3, whose 1,024 bytes may each take two.
/// FoundationDB takes 10,000.
pub const KEY_BYTES_MAX: usize = 4_096;
/// Largest row in bytes. Bigger things are bodies for `blobs`, and the row names their digest.
pub const VALUE_BYTES_MAX: usize = 1_024 * 1_024;
/// Most bytes of keys and values that one transaction writes.
pub const TRANSACTION_BYTES_MAX: usize = 10_000_000;
/// Longest that one transaction's closure runs.
pub const TRANSACTION_TIME_MAX: Duration = Duration::from_secs(5);
/// Most rows that one scan returns.
pub const SCAN_ROWS_MAX: usize = 10_000;
/// Most bytes of rows that one scan reads.
pub const SCAN_BYTES_MAX: usize = 64 * 1_024 * 1_024;
/// Most tables in one process.
pub const TABLES_MAX: usize = 512;
/// Longest table name in bytes.
pub const TABLE_NAME_BYTES_MAX: usize = 64;
/// Transactions that wait for the writer; further callers wait to be let in.
pub const QUEUE_MAX: usize = 1_024;
/// Most transactions that share one durable write.
pub const BATCH_TRANSACTIONS_MAX: usize = 1_024;
/// A durable write begins once this many bytes have gathered; the last transaction may exceed it.
pub const BATCH_BYTES: usize = 10_000_000;
