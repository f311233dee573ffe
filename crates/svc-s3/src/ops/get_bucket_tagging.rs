//! `GetBucketTagging`: a bucket's tags.

use crate::model::tags;
use crate::{S3, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{GetBucketTaggingOutput, GetBucketTaggingRequest};

/// An error where there are none.
pub async fn get_bucket_tagging(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: GetBucketTaggingRequest,
) -> Result<GetBucketTaggingOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    match bucket.row.tags.is_empty() {
        true => Err(errors::no_such_tag_set(&bucket.name)),
        false => Ok(GetBucketTaggingOutput { tag_set: tags::into_wire(bucket.row.tags) }),
    }
}
