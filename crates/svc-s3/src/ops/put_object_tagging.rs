//! `PutObjectTagging`: give an object these tags and no others.

use crate::access::Bucket;
use crate::model::tags::{self, Tags};
use crate::ops::head::shown_version;
use crate::tables::{ObjectRecord, VERSIONS};
use crate::versions::{self, Placed};
use crate::{S3, errors, limits};
use seams::CallCx;
use std::sync::Arc;
use store::View;
use wire::{Error, Internal};
use wire_s3::{PutObjectTaggingOutput, PutObjectTaggingRequest};

/// The object is not made anew: its version and its time stay.
pub async fn put_object_tagging(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: PutObjectTaggingRequest,
) -> Result<PutObjectTaggingOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let tags = tags::from_wire(input.tagging.tag_set, limits::OBJECT_TAGS_MAX)?;
    let version_id = s3.tag(bucket, input.key, input.version_id, tags).await?;
    Ok(PutObjectTaggingOutput { version_id })
}

impl S3 {
    /// Replaces the tags of an object; answers with its version.
    pub(crate) async fn tag(
        &self,
        bucket: Bucket,
        key: String,
        version_id: Option<String>,
        tags: Tags,
    ) -> Result<Option<String>, Error> {
        let which = self.which(version_id.as_deref())?;
        self.write(move |tx| {
            let found = versions::find(tx, bucket.row.id, &key, &which)?;
            let (place, mut record) = present(found, &key, version_id.as_deref(), "PUT")?;
            if let Some(object) = &mut record.object {
                object.tags.clone_from(&tags);
            }
            tx.put(&VERSIONS, &(bucket.row.id, key.clone(), place), &record)?;
            Ok(shown_version(bucket.row.versioning, &record))
        })
        .await
    }

    /// The tags of an object, and its version.
    pub(crate) async fn tags_of(
        &self,
        bucket: &Bucket,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<(Tags, Option<String>), Error> {
        let which = self.which(version_id)?;
        let find = |view: &View<'_>| versions::find(view, bucket.row.id, key, &which);
        let found = self.store.view(find).await.internal("reading an object")?;
        let (_, record) = present(found, key, version_id, "GET")?;
        let version_id = shown_version(bucket.row.versioning, &record);
        let tags = record.object.map(|object: ObjectRecord| object.tags);
        Ok((tags.unwrap_or_default(), version_id))
    }
}

/// The version, if it is there and no delete marker.
fn present(
    found: Option<Placed>,
    key: &str,
    version_id: Option<&str>,
    method: &str,
) -> Result<Placed, Error> {
    match (found, version_id) {
        (Some((place, record)), _) if record.object.is_some() => Ok((place, record)),
        (Some(_), Some(_)) => Err(errors::delete_marker(method)),
        (None, Some(version_id)) => Err(errors::no_such_version(key, version_id)),
        (_, None) => Err(errors::no_such_key(key)),
    }
}
