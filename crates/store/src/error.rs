//! What can go wrong between a service and its rows.

use crate::limits;
use std::sync::Arc;

/// Clones are cheap: one failed durable write is told to every transaction that shared it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A key over [`limits::KEY_BYTES_MAX`].
    #[error("a key of table {table} has {bytes} bytes; the most is {}", limits::KEY_BYTES_MAX)]
    KeyTooLarge {
        /// The table's name.
        table: &'static str,
        /// The size of the encoded key.
        bytes: usize,
    },
    /// A row over [`limits::VALUE_BYTES_MAX`].
    #[error("a row of table {table} has {bytes} bytes; the most is {}", limits::VALUE_BYTES_MAX)]
    ValueTooLarge {
        /// The table's name.
        table: &'static str,
        /// The size of the encoded row.
        bytes: usize,
    },
    /// Writes over [`limits::TRANSACTION_BYTES_MAX`].
    #[error("the transaction writes more than {} bytes", limits::TRANSACTION_BYTES_MAX)]
    TransactionTooLarge,
    /// The closure ran over [`limits::TRANSACTION_TIME_MAX`].
    #[error("the transaction ran longer than {:?}", limits::TRANSACTION_TIME_MAX)]
    TransactionTooLong,
    /// A scan asked for no row or for more than [`limits::SCAN_ROWS_MAX`].
    #[error(
        "a scan of table {table} asks for {limit} rows; 1 to {} are allowed",
        limits::SCAN_ROWS_MAX
    )]
    ScanLimit {
        /// The table's name.
        table: &'static str,
        /// The rows asked for.
        limit: usize,
    },
    /// The rows of one scan are over [`limits::SCAN_BYTES_MAX`].
    #[error("the rows of a scan of table {table} exceed {} bytes", limits::SCAN_BYTES_MAX)]
    ScanTooLarge {
        /// The table's name.
        table: &'static str,
    },
    /// The stored key is not of the table's key type.
    #[error("table {table} holds a key of another form: {key}")]
    KeyForm {
        /// The table's name.
        table: &'static str,
        /// The key's bytes, escaped.
        key: String,
    },
    /// The stored row is not of the table's record type.
    #[error("table {table} holds a row of another form under {key}")]
    RowForm {
        /// The table's name.
        table: &'static str,
        /// The key's bytes, escaped.
        key: String,
        /// What the record's decoder says.
        #[source]
        source: Arc<serde_json::Error>,
    },
    /// The record cannot be written as JSON: a map with keys that are no text, or a failing `Serialize`.
    #[error("a record of table {table} cannot be encoded")]
    Encode {
        /// The table's name.
        table: &'static str,
        /// What the record's encoder says.
        #[source]
        source: Arc<serde_json::Error>,
    },
    /// The row has a version that this program cannot read: newer than the table's, or older without a migration.
    #[error("table {table} holds a row of version {row}; this program reads version {program}")]
    Version {
        /// The table's name.
        table: &'static str,
        /// The row's version.
        row: u32,
        /// The table's version in this program.
        program: u32,
    },
    /// A migration gave up; made by the migrations themselves.
    #[error("a row could not be migrated: {message}")]
    Migration {
        /// Why.
        message: String,
    },
    /// The transaction's closure panicked. Nothing of it was written.
    #[error("a transaction panicked: {message}")]
    Panicked {
        /// The panic's message.
        message: String,
    },
    /// The backend failed, with a full disk for instance. The transaction did not happen; the next may.
    #[error("the store failed at {action}")]
    Backend {
        /// What it was doing.
        action: &'static str,
        /// What the engine says.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The writer has ended.
    #[error("the store has stopped")]
    Stopped,
}

impl Error {
    /// A backend's failure, for `map_err`.
    pub fn backend<E: std::error::Error + Send + Sync + 'static>(
        action: &'static str,
    ) -> impl Fn(E) -> Error {
        move |source| Error::Backend { action, source: Arc::new(source) }
    }
}
