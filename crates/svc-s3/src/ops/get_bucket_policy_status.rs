//! `GetBucketPolicyStatus`: whether a bucket's policy is public.

use crate::model::public_policy;
use crate::{S3, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{GetBucketPolicyStatusOutput, GetBucketPolicyStatusRequest, PolicyStatus};

/// Whatever is blocked of it.
pub async fn get_bucket_policy_status(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: GetBucketPolicyStatusRequest,
) -> Result<GetBucketPolicyStatusOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let policy = bucket.row.policy.ok_or_else(|| errors::no_such_bucket_policy(&bucket.name))?;
    let is_public = Some(public_policy::is_public(&policy));
    Ok(GetBucketPolicyStatusOutput { policy_status: Some(PolicyStatus { is_public }) })
}
