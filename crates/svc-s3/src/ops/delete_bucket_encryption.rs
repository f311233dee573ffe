//! `DeleteBucketEncryption`: back to SSE-S3.

use crate::S3;
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_s3::DeleteBucketEncryptionRequest;

/// Objects that are there stay as they are.
pub async fn delete_bucket_encryption(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: DeleteBucketEncryptionRequest,
) -> Result<Unit, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    s3.change(bucket, |row| {
        row.encryption = None;
        Ok(())
    })
    .await?;
    Ok(Unit)
}
