//! `DeleteBucket`: remove an empty bucket.

use crate::tables::{BUCKET_NAMES, BUCKETS, GARBAGE, GarbageRecord, UPLOADS, VERSIONS};
use crate::{S3, errors, limits};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire::{Error, Unit};
use wire_s3::DeleteBucketRequest;

/// Uploads that nobody completed do not keep a bucket; versions and delete markers do.
pub async fn delete_bucket(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: DeleteBucketRequest,
) -> Result<Unit, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let (name, id) = (bucket.name, bucket.row.id);
    loop {
        let name = name.clone();
        let deleted = s3.write(move |tx| {
            let present = tx.get(&BUCKETS, &name)?.filter(|row| row.id == id);
            let row = present.ok_or_else(|| errors::no_such_bucket(&name))?;
            if !tx.scan_keys(&VERSIONS, Prefix::of((id,)), 1)?.is_empty() {
                return Err(errors::bucket_not_empty(&name).into());
            }
            let uploads = tx.scan_keys(&UPLOADS, Prefix::of((id,)), limits::PAGE_MAX)?;
            for upload in &uploads {
                tx.delete(&UPLOADS, upload)?;
                tx.put(&GARBAGE, &upload.3, &GarbageRecord { digest: None })?;
            }
            if uploads.len() == limits::PAGE_MAX {
                return Ok(false);
            }
            tx.delete(&BUCKETS, &name)?;
            tx.delete(&BUCKET_NAMES, &(row.owner(), name.clone()))?;
            Ok(true)
        });
        if deleted.await? {
            return Ok(Unit);
        }
    }
}
