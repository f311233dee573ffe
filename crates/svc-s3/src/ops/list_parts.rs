//! `ListParts`: the parts of an upload that have come.

use crate::ops::describe::set_checksum_value;
use crate::ops::listing::entries_max;
use crate::ops::uploads::{initiator, owner};
use crate::tables::PARTS;
use crate::{S3, timestamp};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire::{Error, Internal};
use wire_s3::{ListPartsOutput, ListPartsRequest, Part};

/// By their numbers.
pub async fn list_parts(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: ListPartsRequest,
) -> Result<ListPartsOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let upload = s3.upload(&bucket, &input.key, &input.upload_id)?;
    let wanted = entries_max(input.max_parts, "max-parts")?;
    let after = input.part_number_marker.unwrap_or(0);
    let from = (upload.body, u64::try_from(after).unwrap_or(0));
    let rows = s3
        .store
        .view(|view| view.scan(&PARTS, Prefix::of((upload.body,)).after(&from), wanted + 1));
    let rows: Vec<_> = rows.await.internal("listing parts")?;
    let truncated = rows.len() > wanted && wanted > 0;
    let shown = rows.into_iter().take(wanted).map(|((_, number), row)| {
        let mut part = Part {
            part_number: i32::try_from(number).ok(),
            last_modified: timestamp(row.modified_ms),
            e_tag: Some(format!("\"{}\"", row.etag)),
            size: i64::try_from(row.size).ok(),
            ..Default::default()
        };
        // Recorded: none where none was asked for.
        if upload.record.checksum_algorithm.is_some() {
            set_checksum_value!(&mut part, &row.checksum);
        }
        part
    });
    let parts: Vec<Part> = shown.collect();
    let last = parts.last().and_then(|part| part.part_number).unwrap_or(0);
    Ok(ListPartsOutput {
        bucket: Some(bucket.name.clone()),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(after),
        next_part_number_marker: Some(last),
        max_parts: i32::try_from(wanted).ok(),
        is_truncated: Some(truncated),
        parts: Some(parts).filter(|parts| !parts.is_empty()),
        initiator: Some(initiator(&upload.record, &bucket)),
        owner: Some(owner(&bucket)),
        storage_class: Some(
            upload.record.storage_class.clone().unwrap_or_else(|| "STANDARD".to_string()),
        ),
        checksum_algorithm: upload.record.checksum_algorithm.clone(),
        checksum_type: upload.checksum_type(),
        ..Default::default()
    })
}
