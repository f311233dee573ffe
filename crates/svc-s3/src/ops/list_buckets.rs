//! `ListBuckets`: the caller's account's buckets, by name.

use crate::tables::{BUCKET_NAMES, BUCKETS};
use crate::{S3, bucket_arn, canonical_id, errors, limits, timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire::{Error, Internal};
use wire_s3::{Bucket, ListBucketsOutput, ListBucketsRequest, Owner};

/// A page ends where `max-buckets` says.
pub async fn list_buckets(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: ListBucketsRequest,
) -> Result<ListBucketsOutput, Error> {
    let wanted = match input.max_buckets {
        None => limits::BUCKETS_PAGE_MAX,
        Some(wanted) => usize::try_from(wanted)
            .ok()
            .filter(|wanted| (1..=limits::BUCKETS_PAGE_MAX).contains(wanted))
            .ok_or_else(|| {
                let text = "Argument max-buckets must be an integer between 1 and 10000";
                errors::invalid_argument(text, "max-buckets", &wanted.to_string())
            })?,
    };
    let after = input.continuation_token.as_deref().map(read_token).transpose()?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let mut range = Prefix::text((cx.account,), &prefix);
    if let Some(after) = after {
        range = range.after(&(cx.account, after));
    }
    let (mut buckets, mut more) = (Vec::new(), false);
    s3.store
        .view(|view| {
            // Bounded by limits::BUCKETS_MAX.
            for (_, name) in view.scan_keys(&BUCKET_NAMES, range, limits::BUCKETS_MAX)? {
                let Some(row) = view.get(&BUCKETS, &name)? else { continue };
                if input.bucket_region.as_ref().is_some_and(|region| *region != row.region) {
                    continue;
                }
                if buckets.len() == wanted {
                    more = true;
                    break;
                }
                buckets.push(Bucket {
                    creation_date: timestamp(row.created_ms),
                    bucket_region: Some(row.region),
                    bucket_arn: Some(bucket_arn(&name)),
                    name: Some(name),
                });
            }
            Ok::<_, store::Error>(())
        })
        .await
        .internal("listing buckets")?;
    let last = buckets.last().and_then(|bucket| bucket.name.as_deref());
    let token = last.filter(|_| more).map(|name| STANDARD.encode(name));
    Ok(ListBucketsOutput {
        buckets: Some(buckets),
        owner: Some(Owner { display_name: None, id: Some(canonical_id(cx.account)) }),
        continuation_token: token,
        prefix: input.prefix,
    })
}

fn read_token(token: &str) -> Result<String, Error> {
    let name = STANDARD.decode(token).ok().and_then(|name| String::from_utf8(name).ok());
    name.ok_or_else(errors::invalid_continuation_token)
}
