//! `HeadBucket`: whether a bucket is there and the caller may look into it.

use crate::{S3, bucket_arn};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{HeadBucketOutput, HeadBucketRequest};

/// The access rule has looked.
pub async fn head_bucket(
    s3: Arc<S3>,
    _cx: Arc<CallCx>,
    input: HeadBucketRequest,
) -> Result<HeadBucketOutput, Error> {
    let bucket = s3.bucket_anywhere(&input.bucket)?;
    Ok(HeadBucketOutput {
        bucket_arn: Some(bucket_arn(&bucket.name)),
        bucket_region: Some(bucket.row.region),
        access_point_alias: Some(false),
        ..Default::default()
    })
}
