//! `PutPublicAccessBlock`: say what of public access to a bucket is blocked.

use crate::S3;
use crate::tables::PublicAccessBlockRecord;
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_s3::PutPublicAccessBlockRequest;

/// What is not said is not blocked.
pub async fn put_public_access_block(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: PutPublicAccessBlockRequest,
) -> Result<Unit, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let block = input.public_access_block_configuration;
    let record = PublicAccessBlockRecord {
        block_public_acls: block.block_public_acls.unwrap_or(false),
        ignore_public_acls: block.ignore_public_acls.unwrap_or(false),
        block_public_policy: block.block_public_policy.unwrap_or(false),
        restrict_public_buckets: block.restrict_public_buckets.unwrap_or(false),
    };
    s3.change(bucket, move |row| {
        row.public_access_block = Some(record);
        Ok(())
    })
    .await?;
    Ok(Unit)
}
