//! `DeleteBucketPolicy`: take a bucket's policy away.

use crate::S3;
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_s3::DeleteBucketPolicyRequest;

/// What is not there is deleted already.
pub async fn delete_bucket_policy(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: DeleteBucketPolicyRequest,
) -> Result<Unit, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    s3.change(bucket, |row| {
        row.policy = None;
        Ok(())
    })
    .await?;
    Ok(Unit)
}
