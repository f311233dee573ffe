//! Policies, public access and encryption of buckets.

use super::buckets::on;
use crate::{S3, ops};
use rt::Routes;
use std::sync::Arc;
use wire_s3::ops as wire_ops;

pub(super) fn settings(routes: Routes, s3: &Arc<S3>) -> Routes {
    use ops::delete_bucket_encryption::delete_bucket_encryption;
    use ops::delete_bucket_policy::delete_bucket_policy;
    use ops::delete_public_access_block::delete_public_access_block;
    use ops::get_bucket_encryption::get_bucket_encryption;
    use ops::get_bucket_policy::get_bucket_policy;
    use ops::get_bucket_policy_status::get_bucket_policy_status;
    use ops::get_public_access_block::get_public_access_block;
    use ops::put_bucket_encryption::put_bucket_encryption;
    use ops::put_bucket_policy::put_bucket_policy;
    use ops::put_public_access_block::put_public_access_block;
    routes
        .on(
            wire_ops::PutBucketPolicy,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:PutBucketPolicy", &input.bucket, &input.expected_bucket_owner)
            },
            put_bucket_policy,
        )
        .on(
            wire_ops::GetBucketPolicy,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:GetBucketPolicy", &input.bucket, &input.expected_bucket_owner)
            },
            get_bucket_policy,
        )
        .on(
            wire_ops::DeleteBucketPolicy,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:DeleteBucketPolicy", &input.bucket, &input.expected_bucket_owner)
            },
            delete_bucket_policy,
        )
        .on(
            wire_ops::GetBucketPolicyStatus,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:GetBucketPolicyStatus", &input.bucket, &input.expected_bucket_owner)
            },
            get_bucket_policy_status,
        )
        .on(
            wire_ops::PutPublicAccessBlock,
            s3,
            |s3, cx, input| {
                on(
                    s3,
                    cx,
                    "s3:PutBucketPublicAccessBlock",
                    &input.bucket,
                    &input.expected_bucket_owner,
                )
            },
            put_public_access_block,
        )
        .on(
            wire_ops::GetPublicAccessBlock,
            s3,
            |s3, cx, input| {
                on(
                    s3,
                    cx,
                    "s3:GetBucketPublicAccessBlock",
                    &input.bucket,
                    &input.expected_bucket_owner,
                )
            },
            get_public_access_block,
        )
        .on(
            wire_ops::DeletePublicAccessBlock,
            s3,
            |s3, cx, input| {
                on(
                    s3,
                    cx,
                    "s3:PutBucketPublicAccessBlock",
                    &input.bucket,
                    &input.expected_bucket_owner,
                )
            },
            delete_public_access_block,
        )
        .on(
            wire_ops::PutBucketEncryption,
            s3,
            |s3, cx, input| {
                on(
                    s3,
                    cx,
                    "s3:PutEncryptionConfiguration",
                    &input.bucket,
                    &input.expected_bucket_owner,
                )
            },
            put_bucket_encryption,
        )
        .on(
            wire_ops::GetBucketEncryption,
            s3,
            |s3, cx, input| {
                on(
                    s3,
                    cx,
                    "s3:GetEncryptionConfiguration",
                    &input.bucket,
                    &input.expected_bucket_owner,
                )
            },
            get_bucket_encryption,
        )
        .on(
            wire_ops::DeleteBucketEncryption,
            s3,
            |s3, cx, input| {
                on(
                    s3,
                    cx,
                    "s3:PutEncryptionConfiguration",
                    &input.bucket,
                    &input.expected_bucket_owner,
                )
            },
            delete_bucket_encryption,
        )
}
