//! `UploadPart`: one part of an object that comes in parts.

use crate::access::Bucket;
use crate::bodies::Intake;
use crate::errors::Failure;
use crate::model::checksum::{Algorithm, Wanted};
use crate::ops::describe::{set_checksum_value, set_encryption};
use crate::ops::get_object::refuse_customer_keys;
use crate::ops::put_object::{Expected, given_checksums};
use crate::ops::uploads::Upload;
use crate::sealed::Sealed;
use crate::tables::{GARBAGE, GarbageRecord, PARTS, PartRecord, UPLOADS};
use crate::{S3, errors, hex, limits};
use seams::CallCx;
use std::sync::Arc;
use wire::{Body, Error};
use wire_s3::{UploadPartOutput, UploadPartRequest};

/// In place of the part that has this number already.
pub async fn upload_part(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    mut input: UploadPartRequest,
) -> Result<UploadPartOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    refuse_customer_keys(&input.sse_customer_algorithm, &input.sse_customer_key)?;
    check_number(input.part_number)?;
    let upload = s3.upload(&bucket, &input.key, &input.upload_id)?;
    let body: Body = input.body.take().unwrap_or_default();
    let expected = Expected::new(&body, input.content_length, input.content_md5.take())?;
    let own = upload.algorithm()?;
    let named = input.checksum_algorithm.as_deref();
    let mut wanted = Wanted::new(named, &given_checksums!(&input)?)?;
    let is_said = wanted.value.is_some() || wanted.behind;
    if upload.record.checksum_algorithm.is_some() && is_said && wanted.algorithm != own {
        let (expected, actual) = (own.name(), wanted.algorithm.name());
        return Err(errors::other_checksum_algorithm(expected, actual));
    }
    if !is_said {
        wanted.algorithm = own;
    }
    let trailers = body.trailers();
    let algorithms = match wanted.algorithm == own {
        true => vec![own],
        false => vec![own, wanted.algorithm],
    };
    let (id, sealed) = s3.take_part(&cx, &upload, body.into_stream(), algorithms).await?;
    if let Err(error) = expected.check(&sealed, &wanted, &trailers) {
        s3.forget(sealed.digest).await;
        return Err(error);
    }
    let mut output =
        UploadPartOutput { e_tag: Some(format!("\"{}\"", hex(&sealed.md5))), ..Default::default() };
    set_encryption!(&mut output, &upload.record.key);
    let shown = sealed.checksums.iter().find(|c| c.algorithm == wanted.algorithm.name());
    if let Some(checksum) = shown.filter(|_| is_said || upload.record.checksum_algorithm.is_some())
    {
        set_checksum_value!(&mut output, checksum);
    }
    s3.keep_part(bucket, input.key, upload, input.part_number, (id, sealed)).await?;
    Ok(output)
}

/// 1 to 10,000.
pub(crate) fn check_number(number: i32) -> Result<(), Error> {
    match (1..=limits::PART_NUMBER_MAX).contains(&number) {
        true => Ok(()),
        false => Err(errors::invalid_part_number_argument(number)),
    }
}

impl S3 {
    /// Takes the bytes of a part in, under an id of its own.
    pub(crate) async fn take_part(
        &self,
        cx: &CallCx,
        upload: &Upload,
        pieces: wire::Pieces,
        algorithms: Vec<Algorithm>,
    ) -> Result<(u64, Sealed), Error> {
        let key = self.open_data_key(cx, &upload.record.key, upload.body).await?;
        let id = self.new_id();
        let intake = Intake { key, id, algorithms, bytes_max: limits::PUT_BYTES_MAX };
        Ok((id, self.take_in(pieces, intake).await?))
    }

    /// Writes the row of a part whose bytes are kept; answers with when that was.
    pub(crate) async fn keep_part(
        &self,
        bucket: Bucket,
        key: String,
        upload: Upload,
        number: i32,
        (id, sealed): (u64, Sealed),
    ) -> Result<u64, Error> {
        let (digest, modified_ms) = (sealed.digest, self.now_ms());
        let checksum = sealed.checksums.into_iter().next();
        let record = PartRecord {
            id,
            digest,
            size: sealed.size,
            etag: hex(&sealed.md5),
            modified_ms,
            checksum: checksum.ok_or_else(|| Error::internal("a checksum was not made"))?,
        };
        let kept = self
            .write(move |tx| {
                if !tx.contains(&UPLOADS, &upload.row(&bucket, &key))? {
                    return Err(Failure::Fault(errors::no_such_upload(&upload.id)));
                }
                let place = (upload.body, u64::from(number.unsigned_abs()));
                if let Some(before) = tx.get(&PARTS, &place)? {
                    tx.put(&GARBAGE, &before.id, &GarbageRecord { digest: Some(before.digest) })?;
                }
                tx.put(&PARTS, &place, &record)?;
                Ok(modified_ms)
            })
            .await;
        if kept.is_err() {
            self.forget(digest).await;
        }
        kept
    }
}
