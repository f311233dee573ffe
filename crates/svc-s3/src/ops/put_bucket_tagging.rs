//! `PutBucketTagging`: give a bucket these tags and no others.

use crate::model::tags;
use crate::{S3, limits};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_s3::PutBucketTaggingRequest;

/// No tags at all are as if they were deleted. Recorded.
pub async fn put_bucket_tagging(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: PutBucketTaggingRequest,
) -> Result<Unit, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let tags = tags::from_wire(input.tagging.tag_set, limits::BUCKET_TAGS_MAX)?;
    s3.change(bucket, move |row| {
        row.tags.clone_from(&tags);
        Ok(())
    })
    .await?;
    Ok(Unit)
}
