//! `GetBucketVersioning`: whether a bucket keeps what is overwritten and deleted.

use crate::S3;
use crate::tables::VersioningRecord;
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{GetBucketVersioningOutput, GetBucketVersioningRequest};

/// Nothing at all of a bucket that never did.
pub async fn get_bucket_versioning(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: GetBucketVersioningRequest,
) -> Result<GetBucketVersioningOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let status = match bucket.row.versioning {
        VersioningRecord::Never => None,
        VersioningRecord::Enabled => Some("Enabled".to_string()),
        VersioningRecord::Suspended => Some("Suspended".to_string()),
    };
    Ok(GetBucketVersioningOutput { status, mfa_delete: None })
}
