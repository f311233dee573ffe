//! `GetObjectTagging`: an object's tags.

use crate::S3;
use crate::model::tags;
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{GetObjectTaggingOutput, GetObjectTaggingRequest};

/// None is a list without elements. Recorded.
pub async fn get_object_tagging(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: GetObjectTaggingRequest,
) -> Result<GetObjectTaggingOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let found = s3.tags_of(&bucket, &input.key, input.version_id.as_deref()).await?;
    let (tags, version_id) = found;
    Ok(GetObjectTaggingOutput { version_id, tag_set: tags::into_wire(tags) })
}
