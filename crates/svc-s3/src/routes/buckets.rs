//! Buckets and their settings.

use super::with_headers;
use crate::{S3, bucket_arn, ops};
use rt::{Access, Routes};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::ops as wire_ops;

pub(super) fn buckets(routes: Routes, s3: &Arc<S3>) -> Routes {
    use ops::create_bucket::create_bucket;
    use ops::delete_bucket::delete_bucket;
    use ops::get_bucket_location::get_bucket_location;
    use ops::get_bucket_versioning::get_bucket_versioning;
    use ops::head_bucket::head_bucket;
    use ops::list_buckets::list_buckets;
    use ops::put_bucket_versioning::put_bucket_versioning;
    routes
        .on(
            wire_ops::CreateBucket,
            s3,
            |_, _, input| {
                let configuration = input.create_bucket_configuration.as_ref();
                let constraint = configuration.and_then(|c| c.location_constraint.as_deref());
                let request =
                    seams::AccessRequest::new("s3:CreateBucket", bucket_arn(&input.bucket));
                let request = with_headers(
                    request,
                    [
                        ("s3:locationconstraint", constraint),
                        ("s3:x-amz-acl", input.acl.as_deref()),
                        ("s3:x-amz-object-ownership", input.object_ownership.as_deref()),
                    ],
                );
                let tags = configuration.and_then(|c| c.tags.as_ref()).into_iter().flatten();
                Ok(request.with_request_tags(tags.map(|tag| (&tag.key, &tag.value))).into())
            },
            create_bucket,
        )
        .on(
            wire_ops::ListBuckets,
            s3,
            |_, _, _| Ok(Access::to_any("s3:ListAllMyBuckets")),
            list_buckets,
        )
        .on(
            wire_ops::HeadBucket,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:ListBucket", &input.bucket, &input.expected_bucket_owner)
            },
            head_bucket,
        )
        .on(
            wire_ops::GetBucketLocation,
            s3,
            |s3, cx, input| {
                // Every region's endpoint knows it.
                let bucket = s3.bucket_anywhere(&input.bucket)?;
                Ok(bucket.on_bucket(cx, "s3:GetBucketLocation").into())
            },
            get_bucket_location,
        )
        .on(
            wire_ops::DeleteBucket,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:DeleteBucket", &input.bucket, &input.expected_bucket_owner)
            },
            delete_bucket,
        )
        .on(
            wire_ops::PutBucketVersioning,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:PutBucketVersioning", &input.bucket, &input.expected_bucket_owner)
            },
            put_bucket_versioning,
        )
        .on(
            wire_ops::GetBucketVersioning,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:GetBucketVersioning", &input.bucket, &input.expected_bucket_owner)
            },
            get_bucket_versioning,
        )
}

/// On a bucket that must be where the request was sent.
pub(super) fn on(
    s3: &S3,
    cx: &CallCx,
    action: &'static str,
    name: &str,
    expected_owner: &Option<String>,
) -> Result<Access, Error> {
    let bucket = s3.bucket(cx, name, expected_owner.as_deref())?;
    Ok(bucket.on_bucket(cx, action).into())
}
