//! Tags of buckets and objects.

use super::buckets::on;
use super::with_object_tags;
use crate::model::tags::Tags;
use crate::{S3, ops};
use rt::{Access, Routes};
use seams::{AccessRequest, CallCx};
use std::sync::Arc;
use wire::Error;
use wire_s3::ops as wire_ops;

pub(super) fn tagging(routes: Routes, s3: &Arc<S3>) -> Routes {
    objects(buckets(routes, s3), s3)
}

fn buckets(routes: Routes, s3: &Arc<S3>) -> Routes {
    use ops::delete_bucket_tagging::delete_bucket_tagging;
    use ops::get_bucket_tagging::get_bucket_tagging;
    use ops::put_bucket_tagging::put_bucket_tagging;
    routes
        .on(
            wire_ops::PutBucketTagging,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:PutBucketTagging", &input.bucket, &input.expected_bucket_owner)
            },
            put_bucket_tagging,
        )
        .on(
            wire_ops::GetBucketTagging,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:GetBucketTagging", &input.bucket, &input.expected_bucket_owner)
            },
            get_bucket_tagging,
        )
        .on(
            wire_ops::DeleteBucketTagging,
            s3,
            |s3, cx, input| {
                on(s3, cx, "s3:PutBucketTagging", &input.bucket, &input.expected_bucket_owner)
            },
            delete_bucket_tagging,
        )
}

fn objects(routes: Routes, s3: &Arc<S3>) -> Routes {
    use ops::delete_object_tagging::delete_object_tagging;
    use ops::get_object_tagging::get_object_tagging;
    use ops::put_object_tagging::put_object_tagging;
    routes
        .on(
            wire_ops::PutObjectTagging,
            s3,
            |s3, cx, input| {
                let owner = &input.expected_bucket_owner;
                let at = (input.bucket.as_str(), input.key.as_str(), &input.version_id);
                let actions = ["s3:PutObjectTagging", "s3:PutObjectVersionTagging"];
                let request = on_object(s3, cx, actions, at, owner)?;
                let tags = input.tagging.tag_set.iter();
                let tags: Tags = tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect();
                Ok(Access::from(with_object_tags(request, &tags)))
            },
            put_object_tagging,
        )
        .on(
            wire_ops::GetObjectTagging,
            s3,
            |s3, cx, input| {
                let owner = &input.expected_bucket_owner;
                let at = (input.bucket.as_str(), input.key.as_str(), &input.version_id);
                let actions = ["s3:GetObjectTagging", "s3:GetObjectVersionTagging"];
                Ok(on_object(s3, cx, actions, at, owner)?.into())
            },
            get_object_tagging,
        )
        .on(
            wire_ops::DeleteObjectTagging,
            s3,
            |s3, cx, input| {
                let owner = &input.expected_bucket_owner;
                let at = (input.bucket.as_str(), input.key.as_str(), &input.version_id);
                let actions = ["s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"];
                Ok(on_object(s3, cx, actions, at, owner)?.into())
            },
            delete_object_tagging,
        )
}

/// The second action is for requests that name a version.
fn on_object(
    s3: &S3,
    cx: &CallCx,
    [of_latest, of_version]: [&'static str; 2],
    (bucket, key, version_id): (&str, &str, &Option<String>),
    expected_owner: &Option<String>,
) -> Result<AccessRequest, Error> {
    let bucket = s3.bucket(cx, bucket, expected_owner.as_deref())?;
    let which = s3.which(version_id.as_deref())?;
    let action = if version_id.is_some() { of_version } else { of_latest };
    s3.on_object(cx, action, &bucket, key, &which)
}
