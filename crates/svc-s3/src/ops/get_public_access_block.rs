//! `GetPublicAccessBlock`: what of public access to a bucket is blocked.

use crate::{S3, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{
    GetPublicAccessBlockOutput, GetPublicAccessBlockRequest, PublicAccessBlockConfiguration,
};

/// An error where nobody ever said.
pub async fn get_public_access_block(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: GetPublicAccessBlockRequest,
) -> Result<GetPublicAccessBlockOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let block = bucket.row.public_access_block;
    let block = block.ok_or_else(|| errors::no_such_public_access_block(&bucket.name))?;
    let configuration = PublicAccessBlockConfiguration {
        block_public_acls: Some(block.block_public_acls),
        ignore_public_acls: Some(block.ignore_public_acls),
        block_public_policy: Some(block.block_public_policy),
        restrict_public_buckets: Some(block.restrict_public_buckets),
    };
    Ok(GetPublicAccessBlockOutput { public_access_block_configuration: Some(configuration) })
}
