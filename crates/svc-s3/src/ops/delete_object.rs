//! `DeleteObject`: remove an object or one of its versions, or hide it behind a delete marker.

use crate::access::Bucket;
use crate::errors::Failure;
use crate::model::precondition::Writing;
use crate::tables::{BUCKETS, VersionRecord, VersioningRecord};
use crate::versions::{self, Fresh, Which};
use crate::{S3, errors};
use seams::CallCx;
use std::sync::Arc;
use store::Tx;
use wire::Error;
use wire_s3::{DeleteObjectOutput, DeleteObjectRequest};

/// What is not there is deleted already.
pub async fn delete_object(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: DeleteObjectRequest,
) -> Result<DeleteObjectOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    // Recorded: for other kinds of buckets alone, in this order.
    if input.if_match_last_modified_time.is_some() {
        return Err(errors::header_not_implemented("x-amz-if-match-last-modified-time"));
    }
    if input.if_match_size.is_some() {
        return Err(errors::header_not_implemented("x-amz-if-match-size"));
    }
    let which = s3.which(input.version_id.as_deref())?;
    let condition = input.if_match.map(Writing::Tag).unwrap_or_default();
    let deleted = s3.delete(bucket, input.key, which, condition).await?;
    Ok(DeleteObjectOutput {
        delete_marker: deleted.marker.then_some(true),
        version_id: deleted.version_id,
        request_charged: None,
    })
}

/// What became of a key.
#[derive(Clone, Debug, Default)]
pub struct Deleted {
    /// Whether a delete marker was made or, if a version was named, removed.
    pub marker: bool,
    /// The version that was named, or that of the delete marker.
    pub version_id: Option<String>,
}

impl S3 {
    /// Deletes; the caller was found to be allowed to.
    pub(crate) async fn delete(
        &self,
        bucket: Bucket,
        key: String,
        which: Which,
        condition: Writing,
    ) -> Result<Deleted, Error> {
        let (fresh, now_ms) = (self.fresh(), self.now_ms());
        self.write(move |tx| delete(tx, &bucket, &key, &which, &condition, (&fresh, now_ms))).await
    }
}

/// Deletes within a transaction.
pub(crate) fn delete(
    tx: &mut Tx<'_>,
    bucket: &Bucket,
    key: &str,
    which: &Which,
    condition: &Writing,
    (fresh, modified_ms): (&Fresh, u64),
) -> Result<Deleted, Failure> {
    let row = tx.get(&BUCKETS, &bucket.name)?.filter(|row| row.id == bucket.row.id);
    let row = row.ok_or_else(|| errors::no_such_bucket(&bucket.name))?;
    let found = versions::find(tx, row.id, key, which)?;
    if *condition != Writing::Any {
        let object = found.as_ref().and_then(|(_, record)| record.object.as_ref());
        condition.check(key, object.map(|object| object.etag.as_str()))?;
    }
    if *which == Which::Latest && row.versioning != VersioningRecord::Never {
        let marker = VersionRecord { id: None, modified_ms, object: None };
        let id = versions::insert(tx, row.id, row.versioning, key, marker, fresh)?;
        return Ok(Deleted { marker: true, version_id: id.or(Some("null".to_string())) });
    }
    let version_id = match which {
        Which::Latest => None,
        Which::Null => Some("null".to_string()),
        Which::Id(id, _) => Some(id.clone()),
    };
    let mut marker = false;
    if let Some((place, record)) = found {
        marker = record.object.is_none();
        versions::remove(tx, row.id, key, place, &record)?;
    }
    Ok(Deleted { marker, version_id })
}
