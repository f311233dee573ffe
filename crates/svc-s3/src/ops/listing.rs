//! What the operations that list objects have in common.

use crate::model::listing::{Entry, Page, Query, behind};
use crate::model::url_encoding;
use crate::tables::{BucketId, ObjectRecord, VERSIONS, VersionRecord};
use crate::{S3, canonical_id, errors, limits, timestamp};
use base::AccountId;
use store::{Prefix, View};
use wire::{Error, Internal};
use wire_s3::{CommonPrefix, ObjectStorageClass, Owner};

/// The newest version of a key that is no delete marker.
pub struct Listed {
    /// The object.
    pub object: ObjectRecord,
    /// When it was made.
    pub modified_ms: u64,
}

impl S3 {
    /// A page of the objects of a bucket.
    pub(crate) async fn page(
        &self,
        bucket: BucketId,
        query: &Query<'_>,
    ) -> Result<Page<Listed>, Error> {
        self.store.view(|view| page(view, bucket, query)).await.internal("listing objects")
    }
}

fn page(
    view: &View<'_>,
    bucket: BucketId,
    query: &Query<'_>,
) -> Result<Page<Listed>, store::Error> {
    let mut page = Page { entries: Vec::new(), truncated: false };
    if query.entries_max == 0 {
        return Ok(page);
    }
    // The newest version of a key comes first; the others are passed over.
    let mut seen = query.after.to_string();
    let mut from = (bucket, query.after.to_string(), u64::MAX);
    loop {
        let range = Prefix::text((bucket,), query.prefix).after(&from);
        let rows = view.scan(&VERSIONS, range, limits::SCAN_ROWS)?;
        let is_last = rows.len() < limits::SCAN_ROWS;
        let mut jump = None;
        for ((_, key, place), record) in rows {
            from = (bucket, key.clone(), place);
            if key == seen && !seen.is_empty() {
                continue;
            }
            seen.clone_from(&key);
            let Some(object) = record.object else { continue };
            let entry = match query.common_prefix(&key) {
                Some(prefix) => {
                    jump = Some(behind(prefix));
                    if query.was_before(prefix) {
                        break;
                    }
                    Entry::Prefix(prefix.to_string())
                }
                None => Entry::One(key, Listed { object, modified_ms: record.modified_ms }),
            };
            if page.entries.len() == query.entries_max {
                page.truncated = true;
                return Ok(page);
            }
            page.entries.push(entry);
            if jump.is_some() {
                break;
            }
        }
        match jump {
            Some(behind) => from = (bucket, behind, u64::MAX),
            None if is_last => return Ok(page),
            // Passes over what is left of a key with very many versions.
            None => from.2 = u64::MAX,
        }
    }
}

/// A version of a listing, and whether it is the newest.
pub struct ListedVersion {
    /// The version.
    pub record: VersionRecord,
    /// Whether it is the newest of its key.
    pub is_latest: bool,
}

/// A page of the versions in a bucket: behind `after` and, of that key, behind the row at `place`.
pub fn page_of_versions(
    view: &View<'_>,
    bucket: BucketId,
    query: &Query<'_>,
    place: Option<u64>,
) -> Result<Page<ListedVersion>, store::Error> {
    let mut page = Page { entries: Vec::new(), truncated: false };
    if query.entries_max == 0 {
        return Ok(page);
    }
    let mut seen = query.after.to_string();
    let mut from = (bucket, query.after.to_string(), place.unwrap_or(u64::MAX));
    loop {
        let range = Prefix::text((bucket,), query.prefix).after(&from);
        let rows = view.scan(&VERSIONS, range, limits::SCAN_ROWS)?;
        let is_last = rows.len() < limits::SCAN_ROWS;
        let mut jump = None;
        for ((_, key, place), record) in rows {
            from = (bucket, key.clone(), place);
            let is_latest = key != seen || seen.is_empty();
            seen.clone_from(&key);
            let entry = match query.common_prefix(&key) {
                Some(prefix) => {
                    jump = Some(behind(prefix));
                    if query.was_before(prefix) {
                        break;
                    }
                    Entry::Prefix(prefix.to_string())
                }
                None => Entry::One(key, ListedVersion { record, is_latest }),
            };
            if page.entries.len() == query.entries_max {
                page.truncated = true;
                return Ok(page);
            }
            page.entries.push(entry);
            if jump.is_some() {
                break;
            }
        }
        match jump {
            Some(behind) => from = (bucket, behind, u64::MAX),
            None if is_last => return Ok(page),
            None => {}
        }
    }
}

/// How many entries a page has.
pub(crate) fn entries_max(wanted: Option<i32>, name: &'static str) -> Result<usize, Error> {
    match wanted {
        None => Ok(limits::PAGE_MAX),
        Some(wanted) => match usize::try_from(wanted) {
            Ok(wanted) => Ok(wanted.min(limits::PAGE_MAX)),
            Err(_) => Err(errors::invalid_max_keys(name, wanted)),
        },
    }
}

/// How keys are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Plain,
    Encoded,
}

impl Shown {
    /// `encoding-type`.
    pub(crate) fn parse(encoding_type: Option<&str>) -> Result<Self, Error> {
        match encoding_type {
            None => Ok(Shown::Plain),
            Some("url") => Ok(Shown::Encoded),
            Some(other) => Err(errors::invalid_encoding_type(other)),
        }
    }

    pub(crate) fn text(self, text: &str) -> Option<String> {
        Some(match self {
            Shown::Plain => text.to_string(),
            Shown::Encoded => url_encoding::encode(text),
        })
    }

    pub(crate) fn common_prefix(self, prefix: &str) -> CommonPrefix {
        CommonPrefix { prefix: self.text(prefix) }
    }

    pub(crate) fn object(self, key: &str, listed: Listed, owner: Option<Owner>) -> wire_s3::Object {
        let Listed { object, modified_ms } = listed;
        let class = object.storage_class.as_deref().and_then(ObjectStorageClass::parse);
        wire_s3::Object {
            key: self.text(key),
            last_modified: timestamp(modified_ms),
            e_tag: Some(format!("\"{}\"", object.etag)),
            checksum_algorithm: object.checksum.as_ref().map(|c| vec![c.algorithm.clone()]),
            checksum_type: object
                .checksum
                .as_ref()
                .map(|checksum| super::describe::checksum_type(checksum).to_string()),
            size: i64::try_from(object.size).ok(),
            storage_class: Some(class.unwrap_or(ObjectStorageClass::Standard)),
            owner,
            restore_status: None,
        }
    }
}

/// Recorded: without a name.
pub(crate) fn owner(account: AccountId) -> Owner {
    Owner { display_name: None, id: Some(canonical_id(account)) }
}
