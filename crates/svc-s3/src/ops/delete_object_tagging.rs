//! `DeleteObjectTagging`: take all tags off an object.

use crate::S3;
use crate::model::tags::Tags;
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{DeleteObjectTaggingOutput, DeleteObjectTaggingRequest};

/// The object is not made anew.
pub async fn delete_object_tagging(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: DeleteObjectTaggingRequest,
) -> Result<DeleteObjectTaggingOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let version_id = s3.tag(bucket, input.key, input.version_id, Tags::new()).await?;
    Ok(DeleteObjectTaggingOutput { version_id })
}
