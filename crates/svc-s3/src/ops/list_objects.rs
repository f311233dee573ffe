//! `ListObjects`: the older way to list the objects of a bucket.

use crate::S3;
use crate::model::listing::{Entry, Query};
use crate::ops::listing::{Shown, entries_max, owner};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{ListObjectsOutput, ListObjectsRequest};

/// Recorded: the next marker is told only where there is a delimiter.
pub async fn list_objects(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: ListObjectsRequest,
) -> Result<ListObjectsOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let shown = Shown::parse(input.encoding_type.as_deref())?;
    let prefix = input.prefix.unwrap_or_default();
    let marker = input.marker.unwrap_or_default();
    let delimiter = input.delimiter.unwrap_or_default();
    let query = Query {
        prefix: &prefix,
        delimiter: &delimiter,
        after: &marker,
        entries_max: entries_max(input.max_keys, "max-keys")?,
    };
    let page = s3.page(bucket.row.id, &query).await?;
    let last = page.entries.last().filter(|_| page.truncated && !delimiter.is_empty());
    let next_marker = last.and_then(|last| shown.text(last.name()));
    let (mut contents, mut common_prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::One(key, listed) => {
                contents.push(shown.object(&key, listed, Some(owner(bucket.row.owner()))));
            }
            Entry::Prefix(prefix) => common_prefixes.push(shown.common_prefix(&prefix)),
        }
    }
    Ok(ListObjectsOutput {
        is_truncated: Some(page.truncated),
        marker: shown.text(&marker),
        next_marker,
        contents: Some(contents).filter(|contents| !contents.is_empty()),
        name: Some(bucket.name),
        prefix: shown.text(&prefix),
        delimiter: shown.text(&delimiter).filter(|_| !delimiter.is_empty()),
        max_keys: i32::try_from(query.entries_max).ok(),
        common_prefixes: Some(common_prefixes).filter(|prefixes| !prefixes.is_empty()),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}
