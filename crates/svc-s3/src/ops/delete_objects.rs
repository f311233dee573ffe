//! `DeleteObjects`: as DeleteObject, for many keys.

use crate::access::Bucket;
use crate::model::precondition::Writing;
use crate::ops::delete_object::{Deleted, delete};
use crate::versions::Which;
use crate::{S3, errors, limits};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Protocol};
use wire_s3::{DeleteObjectsOutput, DeleteObjectsRequest, DeletedObject, ObjectIdentifier};

/// Each key is decided for itself. Those that are allowed are deleted in one transaction.
pub async fn delete_objects(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: DeleteObjectsRequest,
) -> Result<DeleteObjectsOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > limits::DELETE_KEYS_MAX {
        return Err(errors::malformed_xml());
    }
    let (mut allowed, mut failed) = (Vec::new(), Vec::new());
    for object in objects {
        match s3.may_delete(&cx, &bucket, &object).await {
            Ok(which) => allowed.push((object.key, object.version_id, which, object.e_tag)),
            Err(error) if error.internal_cause().is_some() => return Err(error),
            Err(error) => failed.push(told(object.key, object.version_id, &error)),
        }
    }
    let fresh: Vec<_> = allowed.iter().map(|_| s3.fresh()).collect();
    let now_ms = s3.now_ms();
    let done = s3
        .write(move |tx| {
            let mut done = Vec::with_capacity(allowed.len());
            for ((key, version_id, which, etag), fresh) in allowed.iter().zip(&fresh) {
                let condition = etag.clone().map(Writing::Tag).unwrap_or_default();
                let deleted = match delete(tx, &bucket, key, which, &condition, (fresh, now_ms)) {
                    Ok(deleted) => Ok(deleted),
                    // A condition that does not hold has written nothing.
                    Err(errors::Failure::Fault(error)) if condition != Writing::Any => Err(error),
                    Err(error) => return Err(error),
                };
                done.push((key.clone(), version_id.clone(), deleted));
            }
            Ok(done)
        })
        .await?;
    let mut deleted = Vec::new();
    for (key, version_id, result) in done {
        match result {
            Ok(result) => deleted.push(shown(key, version_id, result)),
            Err(error) => failed.push(told(key, version_id, &error)),
        }
    }
    let is_quiet = input.delete.quiet == Some(true);
    Ok(DeleteObjectsOutput {
        deleted: (!is_quiet).then_some(deleted),
        request_charged: None,
        errors: (!failed.is_empty()).then_some(failed),
    })
}

impl S3 {
    async fn may_delete(
        &self,
        cx: &CallCx,
        bucket: &Bucket,
        object: &ObjectIdentifier,
    ) -> Result<Which, Error> {
        if object.last_modified_time.is_some() || object.size.is_some() {
            return Err(errors::header_not_implemented("x-amz-if-match-size"));
        }
        let which = self.which(object.version_id.as_deref())?;
        let request = crate::routes::deleting(cx, bucket, &object.key, &which);
        self.check(cx, &request).await?;
        Ok(which)
    }
}

/// Recorded: what was made has other names than what was removed.
fn shown(key: String, version_id: Option<String>, deleted: Deleted) -> DeletedObject {
    let (marker, key) = (deleted.marker.then_some(true), Some(key));
    match version_id {
        Some(_) => DeletedObject {
            key,
            delete_marker_version_id: version_id.clone().filter(|_| deleted.marker),
            version_id,
            delete_marker: marker,
        },
        None => DeletedObject {
            key,
            version_id: None,
            delete_marker: marker,
            delete_marker_version_id: deleted.version_id,
        },
    }
}

fn told(key: String, version_id: Option<String>, error: &Error) -> wire_s3::Error {
    wire_s3::Error {
        key: Some(key),
        version_id,
        code: Some(error.code(&wire_s3::SERVICE, Protocol::RestXml).into_owned()),
        message: Some(error.message().to_string()),
    }
}
