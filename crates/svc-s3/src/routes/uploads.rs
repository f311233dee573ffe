//! Multipart uploads.

use super::{with_headers, with_object_tags};
use crate::model::copy_source::CopySource;
use crate::model::tags;
use crate::{S3, ops};
use rt::{Access, Routes};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{CreateMultipartUploadRequest, ops as wire_ops};

pub(super) fn uploads(routes: Routes, s3: &Arc<S3>) -> Routes {
    use ops::abort_multipart_upload::abort_multipart_upload;
    use ops::complete_multipart_upload::complete_multipart_upload;
    use ops::create_multipart_upload::create_multipart_upload;
    use ops::list_multipart_uploads::list_multipart_uploads;
    use ops::list_parts::list_parts;
    use ops::upload_part::upload_part;
    use ops::upload_part_copy::upload_part_copy;
    routes
        .on(wire_ops::CreateMultipartUpload, s3, creating, create_multipart_upload)
        .on(
            wire_ops::UploadPart,
            s3,
            |s3, cx, input| {
                let owner = &input.expected_bucket_owner;
                on_key(s3, cx, "s3:PutObject", (&input.bucket, owner), &input.key)
            },
            upload_part,
        )
        .on(
            wire_ops::UploadPartCopy,
            s3,
            |s3, cx, input| {
                let source = CopySource::parse(&input.copy_source)?;
                let from = s3.bucket_anywhere(&source.bucket)?;
                let which = s3.which(source.version_id.as_deref())?;
                let action = match source.version_id {
                    Some(_) => "s3:GetObjectVersion",
                    None => "s3:GetObject",
                };
                let read = s3.on_object(cx, action, &from, &source.key, &which)?;
                let bucket =
                    s3.bucket(cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
                let copied_from = input.copy_source.trim_start_matches('/');
                let put = bucket.on_key(cx, "s3:PutObject", &input.key);
                Ok(Access::from(read).and(put.with("s3:x-amz-copy-source", copied_from)))
            },
            upload_part_copy,
        )
        .on(
            wire_ops::CompleteMultipartUpload,
            s3,
            |s3, cx, input| {
                let bucket =
                    s3.bucket(cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
                let put = with_headers(
                    bucket.on_key(cx, "s3:PutObject", &input.key),
                    [
                        ("s3:if-match", input.if_match.as_deref()),
                        ("s3:if-none-match", input.if_none_match.as_deref()),
                    ],
                );
                Ok(put.into())
            },
            complete_multipart_upload,
        )
        .on(
            wire_ops::AbortMultipartUpload,
            s3,
            |s3, cx, input| {
                let owner = &input.expected_bucket_owner;
                on_key(s3, cx, "s3:AbortMultipartUpload", (&input.bucket, owner), &input.key)
            },
            abort_multipart_upload,
        )
        .on(
            wire_ops::ListParts,
            s3,
            |s3, cx, input| {
                let owner = &input.expected_bucket_owner;
                on_key(s3, cx, "s3:ListMultipartUploadParts", (&input.bucket, owner), &input.key)
            },
            list_parts,
        )
        .on(
            wire_ops::ListMultipartUploads,
            s3,
            |s3, cx, input| {
                let owner = input.expected_bucket_owner.as_deref();
                let bucket = s3.bucket(cx, &input.bucket, owner)?;
                Ok(bucket.on_bucket(cx, "s3:ListBucketMultipartUploads").into())
            },
            list_multipart_uploads,
        )
}

fn on_key(
    s3: &S3,
    cx: &CallCx,
    action: &'static str,
    (bucket, expected_owner): (&str, &Option<String>),
    key: &str,
) -> Result<Access, Error> {
    let bucket = s3.bucket(cx, bucket, expected_owner.as_deref())?;
    Ok(bucket.on_key(cx, action, key).into())
}

fn creating(s3: &S3, cx: &CallCx, input: &CreateMultipartUploadRequest) -> Result<Access, Error> {
    let bucket = s3.bucket(cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let tags = tags::from_header(input.tagging.as_deref().unwrap_or_default())?;
    let put = with_headers(
        bucket.on_key(cx, "s3:PutObject", &input.key),
        [
            ("s3:x-amz-acl", input.acl.as_deref()),
            ("s3:x-amz-server-side-encryption", input.server_side_encryption.as_deref()),
            ("s3:x-amz-server-side-encryption-aws-kms-key-id", input.ssekms_key_id.as_deref()),
            ("s3:x-amz-storage-class", input.storage_class.as_deref()),
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
