//! `GetBucketLocation`: where a bucket is.

use crate::S3;
use base::Region;
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{GetBucketLocationOutput, GetBucketLocationRequest};

/// The oldest region has no name here.
pub async fn get_bucket_location(
    s3: Arc<S3>,
    _cx: Arc<CallCx>,
    input: GetBucketLocationRequest,
) -> Result<GetBucketLocationOutput, Error> {
    let region = s3.bucket_anywhere(&input.bucket)?.row.region;
    let location_constraint = (region != Region::DEFAULT).then_some(region);
    Ok(GetBucketLocationOutput { location_constraint })
}
