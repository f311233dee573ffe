//! `GetBucketPolicy`: a bucket's policy, as it was put.

use crate::{S3, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{GetBucketPolicyOutput, GetBucketPolicyRequest};

/// An error where there is none.
pub async fn get_bucket_policy(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: GetBucketPolicyRequest,
) -> Result<GetBucketPolicyOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let policy = bucket.row.policy.ok_or_else(|| errors::no_such_bucket_policy(&bucket.name))?;
    Ok(GetBucketPolicyOutput { policy: Some(policy) })
}
