//! `AbortMultipartUpload`: give an upload up, and its parts.

use crate::errors::Failure;
use crate::tables::{GARBAGE, GarbageRecord, UPLOADS};
use crate::{S3, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{AbortMultipartUploadOutput, AbortMultipartUploadRequest};

/// Parts that are on their way find no upload.
pub async fn abort_multipart_upload(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: AbortMultipartUploadRequest,
) -> Result<AbortMultipartUploadOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    if input.if_match_initiated_time.is_some() {
        return Err(errors::header_not_implemented("x-amz-if-match-initiated-time"));
    }
    let upload = s3.upload(&bucket, &input.key, &input.upload_id)?;
    s3.write(move |tx| {
        let row = upload.row(&bucket, &input.key);
        if !tx.contains(&UPLOADS, &row)? {
            return Err(Failure::Fault(errors::no_such_upload(&upload.id)));
        }
        tx.delete(&UPLOADS, &row)?;
        tx.put(&GARBAGE, &upload.body, &GarbageRecord { digest: None })?;
        Ok(())
    })
    .await?;
    Ok(AbortMultipartUploadOutput::default())
}
