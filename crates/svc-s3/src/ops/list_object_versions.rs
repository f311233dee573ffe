//! `ListObjectVersions`: all versions and delete markers in a bucket, by key, the newest first.

use crate::model::ids::Use;
use crate::model::listing::{Entry, Query};
use crate::ops::listing::{ListedVersion, Shown, entries_max, owner, page_of_versions};
use crate::versions::{self, Which};
use crate::{S3, errors, timestamp};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Internal};
use wire_s3::{
    DeleteMarkerEntry, ListObjectVersionsOutput, ListObjectVersionsRequest, ObjectVersion,
    ObjectVersionStorageClass,
};

/// A page continues behind a version of a key, or behind all versions of it.
pub async fn list_object_versions(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: ListObjectVersionsRequest,
) -> Result<ListObjectVersionsOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let shown = Shown::parse(input.encoding_type.as_deref())?;
    let prefix = input.prefix.unwrap_or_default();
    let delimiter = input.delimiter.unwrap_or_default();
    let key_marker = input.key_marker.unwrap_or_default();
    let version_marker = input.version_id_marker.unwrap_or_default();
    if key_marker.is_empty() && !version_marker.is_empty() {
        return Err(errors::version_marker_without_key(&version_marker));
    }
    let query = Query {
        prefix: &prefix,
        delimiter: &delimiter,
        after: &key_marker,
        entries_max: entries_max(input.max_keys, "max-keys")?,
    };
    let (s3, id) = (&s3, bucket.row.id);
    let page = s3
        .store
        .view(|view| {
            let place = match version_marker.as_str() {
                "" => None,
                "null" => versions::find(view, id, &key_marker, &Which::Null)?.map(|(at, _)| at),
                text => s3.ids.read(Use::Version, text).map(|id| u64::MAX - id.number),
            };
            page_of_versions(view, id, &query, place)
        })
        .await
        .internal("listing versions")?;
    let next = page.entries.last().filter(|_| page.truncated);
    let next_key_marker = next.and_then(|last| shown.text(last.name()));
    let next_version_id_marker = next.and_then(|last| match last {
        Entry::One(_, version) => Some(version_id(version)),
        Entry::Prefix(_) => None,
    });
    let (mut found, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
    let whose = Some(owner(bucket.row.owner()));
    for entry in page.entries {
        let (key, version) = match entry {
            Entry::One(key, version) => (shown.text(&key), version),
            Entry::Prefix(prefix) => {
                prefixes.push(shown.common_prefix(&prefix));
                continue;
            }
        };
        let (version_id, is_latest) = (Some(version_id(&version)), Some(version.is_latest));
        let (last_modified, owner) = (timestamp(version.record.modified_ms), whose.clone());
        let Some(object) = version.record.object else {
            let marker = DeleteMarkerEntry { owner, key, version_id, is_latest, last_modified };
            markers.push(marker);
            continue;
        };
        let checksum = object.checksum.as_ref();
        found.push(ObjectVersion {
            e_tag: Some(format!("\"{}\"", object.etag)),
            checksum_algorithm: checksum.map(|checksum| vec![checksum.algorithm.clone()]),
            checksum_type: checksum.map(|c| super::describe::checksum_type(c).to_string()),
            size: i64::try_from(object.size).ok(),
            // The model knows no other; AWS shows it for all.
            storage_class: Some(ObjectVersionStorageClass::Standard),
            key,
            version_id,
            is_latest,
            last_modified,
            owner,
            restore_status: None,
        });
    }
    Ok(ListObjectVersionsOutput {
        is_truncated: Some(page.truncated),
        key_marker: shown.text(&key_marker),
        version_id_marker: Some(version_marker.clone()),
        next_key_marker,
        next_version_id_marker,
        versions: Some(found).filter(|versions| !versions.is_empty()),
        delete_markers: Some(markers).filter(|markers| !markers.is_empty()),
        name: Some(bucket.name),
        prefix: shown.text(&prefix),
        delimiter: shown.text(&delimiter).filter(|_| !delimiter.is_empty()),
        max_keys: i32::try_from(query.entries_max).ok(),
        common_prefixes: Some(prefixes).filter(|prefixes| !prefixes.is_empty()),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

fn version_id(version: &ListedVersion) -> String {
    version.record.id.clone().unwrap_or_else(|| "null".to_string())
}
