//! Objects, and what lists them.

use super::{deleting, with_headers, with_object_tags};
use crate::model::copy_source::CopySource;
use crate::model::tags;
use crate::{S3, ops};
use rt::{Access, Routes};
use seams::{AccessRequest, CallCx};
use std::sync::Arc;
use wire::Error;
use wire_s3::{CopyObjectRequest, PutObjectRequest, ops as wire_ops};

pub(super) fn objects(routes: Routes, s3: &Arc<S3>) -> Routes {
    use ops::copy_object::copy_object;
    use ops::delete_object::delete_object;
    use ops::delete_objects::delete_objects;
    use ops::get_object::get_object;
    use ops::head_object::head_object;
    use ops::put_object::put_object;
    routes
        .on(wire_ops::PutObject, s3, putting, put_object)
        .on(
            wire_ops::GetObject,
            s3,
            |s3, cx, input| {
                let version_id = input.version_id.as_deref();
                let owner = input.expected_bucket_owner.as_deref();
                reading(s3, cx, (&input.bucket, owner), &input.key, version_id)
            },
            get_object,
        )
        .on(
            wire_ops::HeadObject,
            s3,
            |s3, cx, input| {
                let version_id = input.version_id.as_deref();
                let owner = input.expected_bucket_owner.as_deref();
                reading(s3, cx, (&input.bucket, owner), &input.key, version_id)
            },
            head_object,
        )
        .on(
            wire_ops::DeleteObject,
            s3,
            |s3, cx, input| {
                let owner = input.expected_bucket_owner.as_deref();
                let bucket = s3.bucket(cx, &input.bucket, owner)?;
                let which = s3.which(input.version_id.as_deref())?;
                Ok(deleting(cx, &bucket, &input.key, &which).into())
            },
            delete_object,
        )
        .on(
            wire_ops::DeleteObjects,
            s3,
            // Every key is decided for itself, and told of in the answer.
            |s3, cx, input| {
                s3.bucket(cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
                Ok(Access::open())
            },
            delete_objects,
        )
        .on(wire_ops::CopyObject, s3, copying, copy_object)
}

pub(super) fn listings(routes: Routes, s3: &Arc<S3>) -> Routes {
    use ops::list_object_versions::list_object_versions;
    use ops::list_objects::list_objects;
    use ops::list_objects_v2::list_objects_v2;
    routes
        .on(
            wire_ops::ListObjects,
            s3,
            |s3, cx, input| {
                let owner = input.expected_bucket_owner.as_deref();
                let bucket = s3.bucket(cx, &input.bucket, owner)?;
                let request = bucket.on_bucket(cx, "s3:ListBucket");
                Ok(listing(request, &input.prefix, &input.delimiter, input.max_keys).into())
            },
            list_objects,
        )
        .on(
            wire_ops::ListObjectsV2,
            s3,
            |s3, cx, input| {
                let owner = input.expected_bucket_owner.as_deref();
                let bucket = s3.bucket(cx, &input.bucket, owner)?;
                let request = bucket.on_bucket(cx, "s3:ListBucket");
                Ok(listing(request, &input.prefix, &input.delimiter, input.max_keys).into())
            },
            list_objects_v2,
        )
        .on(
            wire_ops::ListObjectVersions,
            s3,
            |s3, cx, input| {
                let owner = input.expected_bucket_owner.as_deref();
                let bucket = s3.bucket(cx, &input.bucket, owner)?;
                let request = bucket.on_bucket(cx, "s3:ListBucketVersions");
                Ok(listing(request, &input.prefix, &input.delimiter, input.max_keys).into())
            },
            list_object_versions,
        )
}

/// `s3:prefix` and its kin, as far as they were sent.
fn listing(
    request: AccessRequest,
    prefix: &Option<String>,
    delimiter: &Option<String>,
    max_keys: Option<i32>,
) -> AccessRequest {
    let max_keys = max_keys.map(|max_keys| max_keys.to_string());
    with_headers(
        request,
        [
            ("s3:prefix", prefix.as_deref()),
            ("s3:delimiter", delimiter.as_deref()),
            ("s3:max-keys", max_keys.as_deref()),
        ],
    )
}

pub(crate) fn reading(
    s3: &S3,
    cx: &CallCx,
    (bucket, expected_owner): (&str, Option<&str>),
    key: &str,
    version_id: Option<&str>,
) -> Result<Access, Error> {
    let bucket = s3.bucket(cx, bucket, expected_owner)?;
    let which = s3.which(version_id)?;
    let action = if version_id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
    Ok(s3.on_object(cx, action, &bucket, key, &which)?.into())
}

pub(crate) fn putting(s3: &S3, cx: &CallCx, input: &PutObjectRequest) -> Result<Access, Error> {
    let bucket = s3.bucket(cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let tags = tags::from_header(input.tagging.as_deref().unwrap_or_default())?;
    let put = with_headers(
        bucket.on_key(cx, "s3:PutObject", &input.key),
        [
            ("s3:x-amz-acl", input.acl.as_deref()),
            ("s3:x-amz-server-side-encryption", input.server_side_encryption.as_deref()),
            ("s3:x-amz-server-side-encryption-aws-kms-key-id", input.ssekms_key_id.as_deref()),
            ("s3:x-amz-storage-class", input.storage_class.as_deref()),
            ("s3:x-amz-website-redirect-location", input.website_redirect_location.as_deref()),
            ("s3:if-match", input.if_match.as_deref()),
            ("s3:if-none-match", input.if_none_match.as_deref()),
        ],
    );
    let access = Access::from(with_object_tags(put, &tags));
    Ok(match tags.is_empty() {
        true => access,
        false => {
            let tag = bucket.on_key(cx, "s3:PutObjectTagging", &input.key);
            access.and(with_object_tags(tag, &tags))
        }
    })
}

fn copying(s3: &S3, cx: &CallCx, input: &CopyObjectRequest) -> Result<Access, Error> {
    let bucket = s3.bucket(cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let source = CopySource::parse(&input.copy_source)?;
    let from = s3.bucket_anywhere(&source.bucket)?;
    let which = s3.which(source.version_id.as_deref())?;
    let action = match source.version_id {
        Some(_) => "s3:GetObjectVersion",
        None => "s3:GetObject",
    };
    let access = Access::from(s3.on_object(cx, action, &from, &source.key, &which)?);
    let replaces_tags = input.tagging_directive.as_deref() == Some("REPLACE");
    let tags = match replaces_tags {
        true => tags::from_header(input.tagging.as_deref().unwrap_or_default())?,
        false => tags::Tags::new(),
    };
    let copied_from = input.copy_source.trim_start_matches('/');
    let put = with_headers(
        bucket.on_key(cx, "s3:PutObject", &input.key),
        [
            ("s3:x-amz-acl", input.acl.as_deref()),
            ("s3:x-amz-copy-source", Some(copied_from)),
            ("s3:x-amz-metadata-directive", input.metadata_directive.as_deref()),
            ("s3:x-amz-server-side-encryption", input.server_side_encryption.as_deref()),
            ("s3:x-amz-server-side-encryption-aws-kms-key-id", input.ssekms_key_id.as_deref()),
            ("s3:x-amz-storage-class", input.storage_class.as_deref()),
        ],
    );
    let access = access.and(with_object_tags(put, &tags));
    Ok(match tags.is_empty() {
        true => access,
        false => {
            let tag = bucket.on_key(cx, "s3:PutObjectTagging", &input.key);
            access.and(with_object_tags(tag, &tags))
        }
    })
}
