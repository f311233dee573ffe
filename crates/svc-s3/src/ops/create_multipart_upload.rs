//! `CreateMultipartUpload`: begin an object that comes in parts.

use crate::encryption::{self, Whereabouts};
use crate::model::checksum::Algorithm;
use crate::model::crc::Crc;
use crate::model::tags;
use crate::ops::describe::set_encryption;
use crate::ops::put_object;
use crate::ops::uploads;
use crate::tables::{BUCKETS, HeadersRecord, UPLOADS, UploadRecord};
use crate::{S3, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{CreateMultipartUploadOutput, CreateMultipartUploadRequest};

/// What the object will be besides its bytes is said now.
pub async fn create_multipart_upload(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    mut input: CreateMultipartUploadRequest,
) -> Result<CreateMultipartUploadOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    put_object::check_key(&input.key)?;
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write_acp,
    ];
    put_object::check_acl(input.acl.as_deref(), &grants)?;
    put_object::check_lock(
        input.object_lock_mode.is_some()
            || input.object_lock_retain_until_date.is_some()
            || input.object_lock_legal_hold_status.is_some(),
    )?;
    let (algorithm, composite) =
        checksum(input.checksum_algorithm.as_deref(), input.checksum_type.as_deref())?;
    let headers = put_object::headers(HeadersRecord {
        content_type: input.content_type.take(),
        cache_control: input.cache_control.take(),
        content_disposition: input.content_disposition.take(),
        content_encoding: input.content_encoding.take(),
        content_language: input.content_language.take(),
        expires: input.expires.take(),
        website_redirect_location: input.website_redirect_location.take(),
        metadata: input.metadata.take().unwrap_or_default(),
    })?;
    let wish = encryption::Wish {
        algorithm: input.server_side_encryption.as_deref(),
        kms_key_id: input.ssekms_key_id.as_deref(),
        context: input.ssekms_encryption_context.as_deref(),
        bucket_key: input.bucket_key_enabled,
        customer: input.sse_customer_algorithm.is_some() || input.sse_customer_key.is_some(),
    };
    // Ids of uploads carry it without its highest bit.
    let body = (s3.new_id() >> 1).max(1);
    let place = Whereabouts { bucket_name: &bucket.name, bucket: &bucket.row, key: &input.key };
    let (_, key) = s3.new_data_key(&cx, place, wish, body).await?;
    let record = UploadRecord {
        initiator: cx.caller.arn.clone(),
        headers,
        tags: tags::from_header(input.tagging.as_deref().unwrap_or_default())?,
        storage_class: put_object::storage_class(input.storage_class.take())?,
        key,
        checksum_algorithm: algorithm.map(|algorithm| algorithm.name().to_string()),
        composite,
    };
    let initiated_ms = s3.now_ms();
    let mut output = CreateMultipartUploadOutput {
        bucket: Some(bucket.name.clone()),
        key: Some(input.key.clone()),
        upload_id: Some(s3.upload_id(body, initiated_ms)),
        checksum_algorithm: record.checksum_algorithm.clone(),
        checksum_type: uploads::checksum_type(&record),
        ..Default::default()
    };
    set_encryption!(&mut output, &record.key);
    s3.write(move |tx| {
        let present = tx.get(&BUCKETS, &bucket.name)?.filter(|row| row.id == bucket.row.id);
        present.ok_or_else(|| errors::no_such_bucket(&bucket.name))?;
        tx.put(&UPLOADS, &(bucket.row.id, input.key.clone(), initiated_ms, body), &record)?;
        Ok(())
    })
    .await?;
    Ok(output)
}

/// Recorded: which kinds of checksums go with which algorithms.
fn checksum(
    algorithm: Option<&str>,
    kind: Option<&str>,
) -> Result<(Option<Algorithm>, bool), Error> {
    let Some(algorithm) = algorithm.map(Algorithm::parse).transpose()? else {
        return match kind {
            None => Ok((None, false)),
            Some(_) => Err(errors::checksum_type_alone()),
        };
    };
    let is_crc64 = algorithm == Algorithm::Crc(Crc::Crc64Nvme);
    let composite = match kind {
        None => !is_crc64,
        Some("COMPOSITE") if is_crc64 => {
            return Err(errors::checksum_type_unfit("COMPOSITE", algorithm.name()));
        }
        Some("FULL_OBJECT") if !algorithm.can_be_full() => {
            return Err(errors::checksum_type_unfit("FULL_OBJECT", algorithm.name()));
        }
        Some("COMPOSITE") => true,
        Some("FULL_OBJECT") => false,
        Some(_) => return Err(errors::unknown_checksum_type()),
    };
    Ok((Some(algorithm), composite))
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn kinds() {
        let composite = |algorithm, kind| checksum(algorithm, kind).ok().map(|(_, c)| c);
        assert_eq!(composite(None, None), Some(false));
        assert_eq!(composite(None, Some("COMPOSITE")), None);
        for algorithm in ["CRC32", "CRC32C", "SHA1", "SHA256"] {
            assert_eq!(composite(Some(algorithm), None), Some(true), "{algorithm}");
        }
        assert_eq!(composite(Some("CRC64NVME"), None), Some(false));
        assert_eq!(composite(Some("CRC64NVME"), Some("COMPOSITE")), None);
        assert_eq!(composite(Some("CRC32"), Some("FULL_OBJECT")), Some(false));
        assert_eq!(composite(Some("SHA1"), Some("FULL_OBJECT")), None);
        assert_eq!(composite(Some("SHA1"), Some("OTHER")), None);
    }
}
