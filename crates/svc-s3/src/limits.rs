//! Every quota.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>

use base::{GIB, KIB, MIB};
use std::time::Duration;

/// Buckets of an account.
pub const BUCKETS_MAX: usize = 10_000;

/// Buckets on one page of ListBuckets.
pub const BUCKETS_PAGE_MAX: usize = 10_000;

/// Longest key of an object, in bytes of UTF-8.
pub const KEY_BYTES_MAX: usize = 1_024;

/// Most bytes of an object that come in one request, and of one part.
pub const PUT_BYTES_MAX: u64 = 5 * GIB;

/// Most bytes that CopyObject copies.
pub const COPY_BYTES_MAX: u64 = 5 * GIB;

/// Most bytes of an object that was put together from parts. AWS raised it from 5 TiB in December 2025.
pub const OBJECT_BYTES_MAX: u64 = 50 * 1_024 * GIB;

/// Smallest part but for the last one, in bytes.
pub const PART_BYTES_MIN: u64 = 5 * MIB;

/// Highest number of a part.
pub const PART_NUMBER_MAX: i32 = 10_000;

/// Most bytes of the names and values of user-defined metadata.
pub const METADATA_BYTES_MAX: usize = 2 * KIB as usize;

/// Entries on one page of a listing.
pub const PAGE_MAX: usize = 1_000;

/// Keys that one DeleteObjects names.
pub const DELETE_KEYS_MAX: usize = 1_000;

/// Largest bucket policy, in bytes.
pub const POLICY_BYTES_MAX: usize = 20 * KIB as usize;

/// Tags of an object.
pub const OBJECT_TAGS_MAX: usize = 10;

/// Tags of a bucket.
pub const BUCKET_TAGS_MAX: usize = 50;

/// Longest key of a tag, in characters.
pub const TAG_KEY_CHARS_MAX: usize = 128;

/// Longest value of a tag, in characters.
pub const TAG_VALUE_CHARS_MAX: usize = 256;

/// What is sealed at a time, in bytes of plain text: each such piece can be opened by itself.
pub const CHUNK_BYTES: usize = 64 * KIB as usize;

/// How much of a body is in memory before it is written, and is read at a time, in bytes.
pub const BATCH_BYTES: usize = 256 * KIB as usize;

/// Rows that a listing reads at a time.
pub const SCAN_ROWS: usize = 500;

/// Deleted bodies that are removed between two looks at the clock.
pub const GARBAGE_BATCH: usize = 100;

/// Pause after a body could not be removed.
pub const GARBAGE_PAUSE: Duration = Duration::from_secs(10);
