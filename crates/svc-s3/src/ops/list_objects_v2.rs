//! `ListObjectsV2`: the objects of a bucket, by key.

use crate::model::listing::{Entry, Query};
use crate::ops::listing::{Shown, entries_max, owner};
use crate::{S3, errors};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{ListObjectsV2Output, ListObjectsV2Request};

/// A continuation token is the last key or common prefix of the page before.
pub async fn list_objects_v2(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: ListObjectsV2Request,
) -> Result<ListObjectsV2Output, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let shown = Shown::parse(input.encoding_type.as_deref())?;
    let prefix = input.prefix.unwrap_or_default();
    let delimiter = input.delimiter.unwrap_or_default();
    let after = match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => read_token(token)?,
        (None, start_after) => start_after.clone().unwrap_or_default(),
    };
    let query = Query {
        prefix: &prefix,
        delimiter: &delimiter,
        after: &after,
        entries_max: entries_max(input.max_keys, "max-keys")?,
    };
    let page = s3.page(bucket.row.id, &query).await?;
    let last = page.entries.last().filter(|_| page.truncated);
    let next_continuation_token = last.map(|last| token(last.name()));
    let key_count = i32::try_from(page.entries.len()).ok();
    let whose = (input.fetch_owner == Some(true)).then(|| owner(bucket.row.owner()));
    let (mut contents, mut common_prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::One(key, listed) => contents.push(shown.object(&key, listed, whose.clone())),
            Entry::Prefix(prefix) => common_prefixes.push(shown.common_prefix(&prefix)),
        }
    }
    Ok(ListObjectsV2Output {
        is_truncated: Some(page.truncated),
        contents: Some(contents).filter(|contents| !contents.is_empty()),
        name: Some(bucket.name),
        prefix: shown.text(&prefix),
        delimiter: shown.text(&delimiter).filter(|_| !delimiter.is_empty()),
        max_keys: i32::try_from(query.entries_max).ok(),
        common_prefixes: Some(common_prefixes).filter(|prefixes| !prefixes.is_empty()),
        encoding_type: input.encoding_type,
        key_count,
        // Recorded: with a token the start says nothing and is not shown.
        start_after: input
            .start_after
            .filter(|_| input.continuation_token.is_none())
            .and_then(|start_after| shown.text(&start_after)),
        continuation_token: input.continuation_token,
        next_continuation_token,
        request_charged: None,
    })
}

/// A mark before the key tells tokens from other base64.
const MARK: &str = "1:";

fn token(last: &str) -> String {
    STANDARD.encode(format!("{MARK}{last}"))
}

fn read_token(token: &str) -> Result<String, Error> {
    let text = STANDARD.decode(token).ok().and_then(|text| String::from_utf8(text).ok());
    let key = text.as_deref().and_then(|text| text.strip_prefix(MARK)).map(String::from);
    key.ok_or_else(errors::invalid_continuation_token)
}
