//! `PutBucketVersioning`: keep what is overwritten and deleted, or no longer.

use crate::tables::{BUCKETS, VersioningRecord};
use crate::{S3, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_s3::PutBucketVersioningRequest;

/// There is no way back to a bucket that never had versions.
pub async fn put_bucket_versioning(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: PutBucketVersioningRequest,
) -> Result<Unit, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let versioning = match input.versioning_configuration.status.as_deref() {
        Some("Enabled") => VersioningRecord::Enabled,
        Some("Suspended") => VersioningRecord::Suspended,
        Some(_) => return Err(errors::malformed_xml()),
        None => return Err(errors::versioning_element_missing()),
    };
    if input.versioning_configuration.mfa_delete.is_some() {
        return Err(errors::not_built("MFA delete"));
    }
    s3.change(bucket, move |row| {
        row.versioning = versioning;
        Ok(())
    })
    .await?;
    Ok(Unit)
}

impl S3 {
    /// Changes the row of a bucket.
    pub(crate) async fn change(
        &self,
        bucket: crate::access::Bucket,
        change: impl Fn(&mut crate::tables::BucketRecord) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        self.write(move |tx| {
            let row = tx.get(&BUCKETS, &bucket.name)?.filter(|row| row.id == bucket.row.id);
            let mut row = row.ok_or_else(|| errors::no_such_bucket(&bucket.name))?;
            change(&mut row)?;
            tx.put(&BUCKETS, &bucket.name, &row)?;
            Ok(())
        })
        .await
    }
}
