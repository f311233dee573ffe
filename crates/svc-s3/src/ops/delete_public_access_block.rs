//! `DeletePublicAccessBlock`: block nothing of public access to a bucket.

use crate::S3;
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_s3::DeletePublicAccessBlockRequest;

/// What is not there is deleted already.
pub async fn delete_public_access_block(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: DeletePublicAccessBlockRequest,
) -> Result<Unit, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    s3.change(bucket, |row| {
        row.public_access_block = None;
        Ok(())
    })
    .await?;
    Ok(Unit)
}
