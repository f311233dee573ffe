//! `CompleteMultipartUpload`: parts become an object.

use crate::access::Bucket;
use crate::errors::Failure;
use crate::model::checksum::Algorithm;
use crate::model::precondition::Writing;
use crate::model::url_encoding;
use crate::ops::describe::{set_checksum, set_encryption};
use crate::ops::put_object::{add, given_checksums};
use crate::ops::uploads::Upload;
use crate::tables::{
    BodyRecord, ChecksumRecord, GARBAGE, GarbageRecord, ObjectRecord, PARTS, PartRecord, UPLOADS,
    VersionRecord,
};
use crate::versions;
use crate::{S3, errors, hex, limits};
use md5::{Digest, Md5};
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Prefix, Tx};
use wire::{Error, Internal};
use wire_s3::{CompleteMultipartUploadOutput, CompleteMultipartUploadRequest, CompletedPart};

/// The bytes stay where they are: the object's body are its parts.
pub async fn complete_multipart_upload(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    mut input: CompleteMultipartUploadRequest,
) -> Result<CompleteMultipartUploadOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let conditions = Writing::parse(input.if_match.as_deref(), input.if_none_match.as_deref())?;
    let upload = s3.upload(&bucket, &input.key, &input.upload_id)?;
    let wanted = input.multipart_upload.take().unwrap_or_default().parts.unwrap_or_default();
    let given = given_checksums!(&input)?;
    if wanted.is_empty() {
        return Err(errors::no_parts());
    }
    let parts_max = limits::PART_NUMBER_MAX.unsigned_abs() as usize;
    let rows = s3.store.view(|view| view.scan(&PARTS, Prefix::of((upload.body,)), parts_max));
    let rows: Vec<_> = rows.await.internal("reading parts")?;
    let rows: BTreeMap<u64, PartRecord> = rows.into_iter().map(|((_, n), row)| (n, row)).collect();
    let mode = upload.checksum_type();
    if let Some(kind) = &input.checksum_type
        && mode.as_ref() != Some(kind)
    {
        return Err(errors::other_checksum_mode(mode.as_deref().unwrap_or("null")));
    }
    let chosen = choose(&upload, &wanted, &rows)?;
    let size: u64 = chosen.iter().map(|(_, part)| part.size).sum();
    if size > limits::OBJECT_BYTES_MAX {
        return Err(errors::entity_too_large(size, limits::OBJECT_BYTES_MAX));
    }
    if let Some(given) = input.mpu_object_size
        && u64::try_from(given) != Ok(size)
    {
        return Err(errors::other_object_size(given, size));
    }
    let algorithm = upload.algorithm()?;
    let checksum = joined(&upload, algorithm, &chosen)?;
    let said = given.iter().find(|(known, value)| *known == algorithm && value.is_some());
    if let Some((_, Some(said))) = said
        && said.split('-').next() != checksum.value.split('-').next()
    {
        return Err(errors::bad_checksum(&algorithm.name().to_ascii_lowercase()));
    }
    let mut tags = Md5::new();
    for (_, part) in &chosen {
        tags.update(unhex(&part.etag));
    }
    let object = ObjectRecord {
        size,
        etag: format!("{}-{}", hex(&tags.finalize()), chosen.len()),
        body: BodyRecord {
            id: upload.body,
            digest: None,
            parts: u32::try_from(chosen.len()).ok(),
            key: upload.record.key.clone(),
        },
        headers: upload.record.headers.clone(),
        checksum: Some(checksum),
        storage_class: upload.record.storage_class.clone(),
        tags: upload.record.tags.clone(),
    };
    let path = url_encoding::encode(&input.key).replace('+', "%20");
    let mut output = CompleteMultipartUploadOutput {
        location: Some(format!(
            "https://{}.s3.{}.amazonaws.com/{path}",
            bucket.name, bucket.row.region
        )),
        bucket: Some(bucket.name.clone()),
        key: Some(input.key.clone()),
        e_tag: Some(format!("\"{}\"", object.etag)),
        ..Default::default()
    };
    set_encryption!(&mut output, &object.body.key);
    if let Some(checksum) = &object.checksum {
        set_checksum!(&mut output, checksum);
    }
    let chosen: Vec<(u64, u64)> = chosen.iter().map(|(number, part)| (*number, part.id)).collect();
    let end = End { bucket, key: input.key, upload, chosen, conditions };
    output.version_id = s3.end(end, object).await?;
    Ok(output)
}

/// The rows of the parts that the request names. Recorded: what is refused, and in which order.
fn choose<'p>(
    upload: &Upload,
    wanted: &[CompletedPart],
    rows: &'p BTreeMap<u64, PartRecord>,
) -> Result<Vec<(u64, &'p PartRecord)>, Error> {
    let mut chosen: Vec<(u64, &PartRecord)> = Vec::with_capacity(wanted.len());
    for part in wanted {
        let number = part.part_number.unwrap_or(0);
        let etag = part.e_tag.as_deref().unwrap_or_default().trim_matches('"');
        let place = u64::try_from(number).unwrap_or(0);
        if chosen.last().is_some_and(|(before, _)| *before >= place) {
            return Err(errors::invalid_part_order(&upload.id));
        }
        let unknown = || errors::invalid_part(&upload.id, number, etag);
        let row = rows.get(&place).filter(|row| row.etag == etag).ok_or_else(unknown)?;
        let said = given_checksums!(part)?
            .into_iter()
            .find_map(|(algorithm, value)| value.as_ref().map(|value| (algorithm.name(), value)));
        match (said, &upload.record.checksum_algorithm) {
            (None, Some(algorithm)) if upload.record.composite => {
                return Err(errors::part_checksum_missing(algorithm, number));
            }
            (Some(_), None) => return Err(unknown()),
            (Some((name, value)), Some(_))
                if name != row.checksum.algorithm || *value != row.checksum.value =>
            {
                return Err(unknown());
            }
            _ => {}
        }
        chosen.push((place, row));
    }
    let but_last = chosen.len().saturating_sub(1);
    let small = chosen[..but_last].iter().find(|(_, part)| part.size < limits::PART_BYTES_MIN);
    match small {
        Some((number, part)) => {
            let number = i32::try_from(*number).unwrap_or(0);
            Err(errors::part_too_small(number, part.size, &part.etag))
        }
        None => Ok(chosen),
    }
}

/// The checksum of the object.
fn joined(
    upload: &Upload,
    algorithm: Algorithm,
    chosen: &[(u64, &PartRecord)],
) -> Result<ChecksumRecord, Error> {
    let parts: Vec<(&str, u64)> =
        chosen.iter().map(|(_, part)| (part.checksum.value.as_str(), part.size)).collect();
    let joined = algorithm.join(&parts, upload.record.composite);
    joined.ok_or_else(|| Error::internal("the checksums of parts can not be joined"))
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    text.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

struct End {
    bucket: Bucket,
    key: String,
    upload: Upload,
    /// Numbers and ids of the parts.
    chosen: Vec<(u64, u64)>,
    conditions: Writing,
}

impl S3 {
    async fn end(&self, end: End, object: ObjectRecord) -> Result<Option<String>, Error> {
        let (fresh, modified_ms) = (self.fresh(), self.now_ms());
        self.write(move |tx| {
            let row = end.upload.row(&end.bucket, &end.key);
            if !tx.contains(&UPLOADS, &row)? {
                return Err(Failure::Fault(errors::no_such_upload(&end.upload.id)));
            }
            conflict(tx, &end)?;
            drop_others(tx, &end)?;
            tx.delete(&UPLOADS, &row)?;
            let record = VersionRecord { id: None, modified_ms, object: Some(object.clone()) };
            add(tx, &end.bucket, &end.key, record, &end.conditions, &fresh)
        })
        .await
    }
}

/// Recorded: what came after the upload had begun is a conflict, whatever its tag.
fn conflict(tx: &Tx<'_>, end: &End) -> Result<(), Failure> {
    let Writing::Tag(_) = end.conditions else { return Ok(()) };
    let present = versions::latest(tx, end.bucket.row.id, &end.key)?;
    match present {
        Some((_, record)) if record.modified_ms >= end.upload.initiated_ms => {
            Err(errors::condition_conflict("If-Match", &end.key).into())
        }
        _ => Ok(()),
    }
}

/// Parts that were sent but not named are no part of the object.
fn drop_others(tx: &mut Tx<'_>, end: &End) -> Result<(), Failure> {
    let parts_max = limits::PART_NUMBER_MAX.unsigned_abs() as usize;
    let rows = tx.scan(&PARTS, Prefix::of((end.upload.body,)), parts_max)?;
    let mut chosen = end.chosen.iter().peekable();
    for (place, row) in rows {
        match chosen.next_if(|(number, _)| *number == place.1) {
            Some((_, id)) if *id == row.id => {}
            // It was replaced since it was looked at.
            Some(_) => {
                let number = i32::try_from(place.1).unwrap_or(0);
                return Err(errors::invalid_part(&end.upload.id, number, &row.etag).into());
            }
            None => {
                tx.delete(&PARTS, &place)?;
                tx.put(&GARBAGE, &row.id, &GarbageRecord { digest: Some(row.digest) })?;
            }
        }
    }
    Ok(())
}
