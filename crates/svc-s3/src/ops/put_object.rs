//! `PutObject`: a new object, or a new version of one.

use crate::access::Bucket;
use crate::bodies::Intake;
use crate::encryption::{self, Whereabouts};
use crate::model::checksum::Wanted;
use crate::model::precondition::Writing;
use crate::model::tags;
use crate::ops::describe::{set_checksum, set_encryption};
use crate::sealed::Sealed;
use crate::tables::{BUCKETS, BodyRecord, HeadersRecord, ObjectRecord, VersionRecord};
use crate::versions::{self, Fresh};
use crate::{S3, errors, hex, limits};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use seams::CallCx;
use std::sync::Arc;
use wire::{Body, Error, Trailers};
use wire_s3::{PutObjectOutput, PutObjectRequest};

/// The checksum members of an input, with their algorithms.
macro_rules! given_checksums {
    ($input:expr) => {{
        use crate::model::checksum::Algorithm;
        use crate::model::crc::Crc;
        let input = $input;
        let unknown = [
            &input.checksum_sha512,
            &input.checksum_md5,
            &input.checksum_xxhash3,
            &input.checksum_xxhash64,
            &input.checksum_xxhash128,
        ];
        match unknown.iter().any(|value| value.is_some()) {
            true => Err(crate::errors::unknown_checksum_algorithm()),
            false => Ok([
                (Algorithm::Crc(Crc::Crc32), &input.checksum_crc32),
                (Algorithm::Crc(Crc::Crc32c), &input.checksum_crc32_c),
                (Algorithm::Crc(Crc::Crc64Nvme), &input.checksum_crc64_nvme),
                (Algorithm::Sha1, &input.checksum_sha1),
                (Algorithm::Sha256, &input.checksum_sha256),
            ]),
        }
    }};
}
pub(crate) use given_checksums;

/// The object is there, durably, or it is not.
pub async fn put_object(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    mut input: PutObjectRequest,
) -> Result<PutObjectOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let conditions = Writing::parse(input.if_match.as_deref(), input.if_none_match.as_deref())?;
    check_key(&input.key)?;
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write_acp,
    ];
    check_acl(input.acl.as_deref(), &grants)?;
    check_lock(
        input.object_lock_mode.is_some()
            || input.object_lock_retain_until_date.is_some()
            || input.object_lock_legal_hold_status.is_some(),
    )?;
    if input.write_offset_bytes.is_some() {
        return Err(errors::header_not_implemented("x-amz-write-offset-bytes"));
    }
    let storage_class = storage_class(input.storage_class.take())?;
    let tags = tags::from_header(input.tagging.as_deref().unwrap_or_default())?;
    let body = input.body.take().unwrap_or_default();
    let expected = Expected::new(&body, input.content_length, input.content_md5.take())?;
    let wanted = Wanted::new(input.checksum_algorithm.as_deref(), &given_checksums!(&input)?)?;
    let headers = headers(HeadersRecord {
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
    let id = s3.new_id();
    let place = Whereabouts { bucket_name: &bucket.name, bucket: &bucket.row, key: &input.key };
    let (key, record) = s3.new_data_key(&cx, place, wish, id).await?;
    let trailers = body.trailers();
    let intake =
        Intake { key, id, algorithms: vec![wanted.algorithm], bytes_max: limits::PUT_BYTES_MAX };
    let sealed = s3.take_in(body.into_stream(), intake).await?;
    let checked = expected.check(&sealed, &wanted, &trailers);
    if let Err(error) = checked {
        s3.forget(sealed.digest).await;
        return Err(error);
    }
    let object = ObjectRecord {
        size: sealed.size,
        etag: etag(&sealed, record.kms.is_some()),
        body: BodyRecord { id, digest: Some(sealed.digest), parts: None, key: record },
        headers,
        checksum: sealed.checksums.into_iter().next(),
        storage_class,
        tags,
    };
    let mut output =
        PutObjectOutput { e_tag: Some(format!("\"{}\"", object.etag)), ..Default::default() };
    set_encryption!(&mut output, &object.body.key);
    if let Some(checksum) = &object.checksum {
        set_checksum!(&mut output, checksum);
    }
    output.version_id = s3.add(bucket, input.key, object, conditions).await?;
    Ok(output)
}

impl S3 {
    /// Adds an object whose body is kept already; if that fails, the body is not.
    pub(crate) async fn add(
        &self,
        bucket: Bucket,
        key: String,
        object: ObjectRecord,
        conditions: Writing,
    ) -> Result<Option<String>, Error> {
        let digest = object.body.digest;
        let (fresh, modified_ms) = (self.fresh(), self.now_ms());
        let added = self
            .write(move |tx| {
                let record = VersionRecord { id: None, modified_ms, object: Some(object.clone()) };
                add(tx, &bucket, &key, record, &conditions, &fresh)
            })
            .await;
        if let (Err(_), Some(digest)) = (&added, digest) {
            self.forget(digest).await;
        }
        added
    }
}

/// Adds a version to a bucket that is still there, if the conditions hold.
pub(crate) fn add(
    tx: &mut store::Tx<'_>,
    bucket: &Bucket,
    key: &str,
    record: VersionRecord,
    conditions: &Writing,
    fresh: &Fresh,
) -> Result<Option<String>, errors::Failure> {
    let row = tx.get(&BUCKETS, &bucket.name)?.filter(|row| row.id == bucket.row.id);
    let row = row.ok_or_else(|| errors::no_such_bucket(&bucket.name))?;
    if *conditions != Writing::Any {
        let present = versions::latest(tx, row.id, key)?;
        let present = present.and_then(|(_, record)| record.object);
        conditions.check(key, present.as_ref().map(|object| object.etag.as_str()))?;
    }
    Ok(versions::insert(tx, row.id, row.versioning, key, record, fresh)?)
}

/// What a request says of its body.
pub(crate) struct Expected {
    bytes: Option<u64>,
    md5: Option<[u8; 16]>,
}

impl Expected {
    /// Refuses, before the body has come, what is too large or can not be right.
    pub(crate) fn new(
        body: &Body,
        content_length: Option<i64>,
        content_md5: Option<String>,
    ) -> Result<Self, Error> {
        let bytes = match body.full() {
            Some(bytes) => Some(bytes.len() as u64),
            None => {
                let length = content_length.ok_or_else(errors::missing_content_length)?;
                u64::try_from(length).ok()
            }
        };
        if let Some(bytes) = bytes.filter(|bytes| *bytes > limits::PUT_BYTES_MAX) {
            return Err(errors::entity_too_large(bytes, limits::PUT_BYTES_MAX));
        }
        let md5 = content_md5.map(|text| {
            let bytes = STANDARD.decode(&text).ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or_else(|| errors::invalid_content_md5(&text))
        });
        Ok(Expected { bytes, md5: md5.transpose()? })
    }

    pub(crate) fn check(
        &self,
        sealed: &Sealed,
        wanted: &Wanted,
        trailers: &Trailers,
    ) -> Result<(), Error> {
        if self.bytes.is_some_and(|bytes| bytes != sealed.size) {
            return Err(errors::incomplete_body());
        }
        // Recorded: what was expected is shown in hexadecimal digits, what was found in base64.
        if let Some(expected) = self.md5.filter(|md5| *md5 != sealed.md5) {
            return Err(errors::bad_content_md5(&hex(&expected), &STANDARD.encode(sealed.md5)));
        }
        let found = sealed.checksums.iter().find(|c| c.algorithm == wanted.algorithm.name());
        let found = found.ok_or_else(|| Error::internal("a checksum was not made"))?;
        wanted.check(found, |header| trailers.get(header).map(String::from))
    }
}

/// The MD5 of the bytes; that of what KMS encrypted is something else, of the same form.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>
pub(crate) fn etag(sealed: &Sealed, by_kms: bool) -> String {
    match by_kms {
        true => hex(&sealed.digest.as_bytes()[..16]),
        false => hex(&sealed.md5),
    }
}

/// A key has 1 to 1,024 bytes.
pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    match key.len() > limits::KEY_BYTES_MAX {
        true => Err(errors::key_too_long(key.len())),
        false => Ok(()),
    }
}

/// Buckets have no ACLs; what changes nothing is allowed.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>
pub(crate) fn check_acl(acl: Option<&str>, grants: &[&Option<String>]) -> Result<(), Error> {
    let changes = acl.is_some_and(|acl| acl != "bucket-owner-full-control");
    match changes || grants.iter().any(|grant| grant.is_some()) {
        true => Err(errors::acl_not_supported()),
        false => Ok(()),
    }
}

/// Object Lock is not built, so no bucket has it.
pub(crate) fn check_lock(asked: bool) -> Result<(), Error> {
    match asked {
        true => Err(errors::object_lock_missing()),
        false => Ok(()),
    }
}

/// None for the usual one. Recorded: those that AWS takes.
pub(crate) fn storage_class(class: Option<String>) -> Result<Option<String>, Error> {
    const TAKEN: [&str; 5] =
        ["REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"];
    match class.as_deref() {
        None | Some("STANDARD") => Ok(None),
        Some(known) if TAKEN.contains(&known) => Ok(class),
        Some("GLACIER" | "DEEP_ARCHIVE") => {
            Err(errors::not_built("A storage class whose objects have to be restored"))
        }
        Some(other) => Err(errors::invalid_storage_class(other)),
    }
}

/// The headers of an object, checked and completed.
pub(crate) fn headers(mut headers: HeadersRecord) -> Result<HeadersRecord, Error> {
    let bytes = headers.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > limits::METADATA_BYTES_MAX {
        return Err(errors::metadata_too_large(bytes));
    }
    headers.content_type =
        headers.content_type.filter(|t| !t.is_empty()).or(Some("binary/octet-stream".into()));
    headers.content_encoding = headers.content_encoding.filter(|encoding| !encoding.is_empty());
    Ok(headers)
}
