//! `ListMultipartUploads`: the uploads in a bucket that go on, by key and then by time.

use crate::access::Bucket;
use crate::model::ids::Use;
use crate::model::listing::{Entry, Page, Query, behind};
use crate::ops::listing::{Shown, entries_max};
use crate::ops::uploads::{checksum_type, initiator, owner};
use crate::tables::{UPLOADS, UploadRecord};
use crate::{S3, limits, timestamp};
use seams::CallCx;
use std::sync::Arc;
use store::{Prefix, View};
use wire::{Error, Internal};
use wire_s3::{ListMultipartUploadsOutput, ListMultipartUploadsRequest, MultipartUpload};

/// A page continues behind an upload of a key, or behind all of them.
pub async fn list_multipart_uploads(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: ListMultipartUploadsRequest,
) -> Result<ListMultipartUploadsOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let shown = Shown::parse(input.encoding_type.as_deref())?;
    let prefix = input.prefix.unwrap_or_default();
    let delimiter = input.delimiter.unwrap_or_default();
    let key_marker = input.key_marker.unwrap_or_default();
    let upload_marker = input.upload_id_marker.unwrap_or_default();
    let query = Query {
        prefix: &prefix,
        delimiter: &delimiter,
        after: &key_marker,
        entries_max: entries_max(input.max_uploads, "max-uploads")?,
    };
    let marker = s3.ids.read(Use::Upload, &upload_marker).filter(|_| !key_marker.is_empty());
    let place = marker.map_or((u64::MAX, u64::MAX), |id| (id.number, id.nonce));
    let page = s3.store.view(|view| page(view, &bucket, &query, place)).await;
    let page = page.internal("listing uploads")?;
    let (mut uploads, mut prefixes) = (Vec::new(), Vec::new());
    // Recorded: told on the last page, too, and only of uploads.
    let (mut next_key, mut next_upload) = (String::new(), String::new());
    for entry in page.entries {
        match entry {
            Entry::Prefix(prefix) => prefixes.push(shown.common_prefix(&prefix)),
            Entry::One(key, listed) => {
                let upload_id = s3.upload_id(listed.body, listed.initiated_ms);
                (next_key, next_upload) = (key.clone(), upload_id.clone());
                uploads.push(entry_of(&bucket, shown.text(&key), upload_id, listed));
            }
        }
    }
    Ok(ListMultipartUploadsOutput {
        bucket: Some(bucket.name.clone()),
        key_marker: shown.text(&key_marker),
        upload_id_marker: Some(upload_marker),
        next_key_marker: shown.text(&next_key),
        next_upload_id_marker: Some(next_upload),
        prefix: shown.text(&prefix).filter(|_| !prefix.is_empty()),
        delimiter: shown.text(&delimiter).filter(|_| !delimiter.is_empty()),
        max_uploads: i32::try_from(query.entries_max).ok(),
        is_truncated: Some(page.truncated),
        uploads: Some(uploads).filter(|uploads| !uploads.is_empty()),
        common_prefixes: Some(prefixes).filter(|prefixes| !prefixes.is_empty()),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

struct Listed {
    body: u64,
    initiated_ms: u64,
    record: UploadRecord,
}

fn entry_of(
    bucket: &Bucket,
    key: Option<String>,
    upload_id: String,
    listed: Listed,
) -> MultipartUpload {
    let class = listed.record.storage_class.clone();
    MultipartUpload {
        upload_id: Some(upload_id),
        key,
        initiated: timestamp(listed.initiated_ms),
        storage_class: class.or_else(|| Some("STANDARD".to_string())),
        owner: Some(owner(bucket)),
        initiator: Some(initiator(&listed.record, bucket)),
        checksum_algorithm: listed.record.checksum_algorithm.clone(),
        checksum_type: checksum_type(&listed.record),
    }
}

fn page(
    view: &View<'_>,
    bucket: &Bucket,
    query: &Query<'_>,
    place: (u64, u64),
) -> Result<Page<Listed>, store::Error> {
    let mut page = Page { entries: Vec::new(), truncated: false };
    if query.entries_max == 0 {
        return Ok(page);
    }
    let id = bucket.row.id;
    let mut from = (id, query.after.to_string(), place.0, place.1);
    loop {
        let range = Prefix::text((id,), query.prefix).after(&from);
        let rows = view.scan(&UPLOADS, range, limits::SCAN_ROWS)?;
        let is_last = rows.len() < limits::SCAN_ROWS;
        let mut jump = None;
        for (row, record) in rows {
            from = row;
            let (key, initiated_ms, body) = (&from.1, from.2, from.3);
            let entry = match query.common_prefix(key) {
                Some(prefix) => {
                    jump = Some(behind(prefix));
                    if query.was_before(prefix) {
                        break;
                    }
                    Entry::Prefix(prefix.to_string())
                }
                None => Entry::One(key.clone(), Listed { body, initiated_ms, record }),
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
            Some(behind) => from = (id, behind, u64::MAX, u64::MAX),
            None if is_last => return Ok(page),
            None => {}
        }
    }
}
