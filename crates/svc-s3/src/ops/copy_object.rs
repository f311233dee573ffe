//! `CopyObject`: an object made of another one.

use crate::bodies::Intake;
use crate::encryption::{self, Whereabouts};
use crate::model::checksum::Algorithm;
use crate::model::copy_source::CopySource;
use crate::model::precondition::{Reading, Writing};
use crate::model::range::Range;
use crate::model::tags;
use crate::ops::describe::{set_checksum, set_encryption};
use crate::ops::get_object::refuse_customer_keys;
use crate::ops::head::{Found, Wish};
use crate::ops::put_object;
use crate::tables::{BodyRecord, HeadersRecord, ObjectRecord};
use crate::{S3, errors, limits, timestamp};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{CopyObjectOutput, CopyObjectRequest, CopyObjectResult};

/// The bytes are opened and sealed anew, so that each object has a key of its own.
pub async fn copy_object(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    mut input: CopyObjectRequest,
) -> Result<CopyObjectOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let conditions = Writing::parse(input.if_match.as_deref(), input.if_none_match.as_deref())?;
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
    let customer = &input.copy_source_sse_customer_algorithm;
    refuse_customer_keys(customer, &input.copy_source_sse_customer_key)?;
    let replaces = directive(input.metadata_directive.as_deref(), "x-amz-metadata-directive")?;
    let retags = directive(input.tagging_directive.as_deref(), "x-amz-tagging-directive")?;
    let source = CopySource::parse(&input.copy_source)?;
    let conditions_on_source = Reading {
        if_match: input.copy_source_if_match.as_deref(),
        if_none_match: input.copy_source_if_none_match.as_deref(),
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    let expected = input.expected_source_bucket_owner.as_deref();
    let found = s3.copied(&cx, &source, expected, conditions_on_source).await?;
    if found.object.size > limits::COPY_BYTES_MAX {
        return Err(errors::copy_source_too_large());
    }
    let is_itself = source.bucket == input.bucket && source.key == input.key;
    let changes = replaces
        || source.version_id.is_some()
        || input.storage_class.is_some()
        || input.server_side_encryption.is_some()
        || input.website_redirect_location.is_some();
    if is_itself && !changes {
        return Err(errors::copy_to_itself());
    }
    let headers = match replaces {
        true => put_object::headers(HeadersRecord {
            content_type: input.content_type.take(),
            cache_control: input.cache_control.take(),
            content_disposition: input.content_disposition.take(),
            content_encoding: input.content_encoding.take(),
            content_language: input.content_language.take(),
            expires: input.expires.take(),
            website_redirect_location: input.website_redirect_location.take(),
            metadata: input.metadata.take().unwrap_or_default(),
        })?,
        // Documented: the redirect is not copied.
        false => HeadersRecord {
            website_redirect_location: input.website_redirect_location.take(),
            ..found.object.headers.clone()
        },
    };
    let tags = match retags {
        true => tags::from_header(input.tagging.as_deref().unwrap_or_default())?,
        false => found.object.tags.clone(),
    };
    let storage_class = put_object::storage_class(input.storage_class.take())?;
    let algorithm = match (&input.checksum_algorithm, &found.object.checksum) {
        (Some(name), _) => Algorithm::parse(name)?,
        (None, Some(checksum)) => Algorithm::parse(&checksum.algorithm)?,
        (None, None) => Algorithm::DEFAULT,
    };
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
    let source_version_id = found.version_id.clone();
    let source_key = s3.open_data_key(&cx, &found.object.body.key, found.object.body.id).await?;
    let pieces =
        s3.give_out(found.segments, source_key, Range::whole(found.object.size), found.held);
    let intake = Intake { key, id, algorithms: vec![algorithm], bytes_max: limits::COPY_BYTES_MAX };
    let sealed = s3.take_in(pieces, intake).await?;
    let object = ObjectRecord {
        size: sealed.size,
        etag: put_object::etag(&sealed, record.kms.is_some()),
        body: BodyRecord { id, digest: Some(sealed.digest), parts: None, key: record },
        headers,
        checksum: sealed.checksums.into_iter().next(),
        storage_class,
        tags,
    };
    let mut result = CopyObjectResult {
        e_tag: Some(format!("\"{}\"", object.etag)),
        last_modified: timestamp(s3.now_ms()),
        ..Default::default()
    };
    if let Some(checksum) = &object.checksum {
        set_checksum!(&mut result, checksum);
    }
    let mut output = CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: source_version_id,
        ..Default::default()
    };
    set_encryption!(&mut output, &object.body.key);
    output.version_id = s3.add(bucket, input.key, object, conditions).await?;
    Ok(output)
}

impl S3 {
    /// The object that is to be copied. The access rule has asked for the right to read it.
    pub(crate) async fn copied(
        &self,
        cx: &CallCx,
        source: &CopySource,
        expected_owner: Option<&str>,
        conditions: Reading<'_>,
    ) -> Result<Found, Error> {
        let bucket = self.bucket_anywhere(&source.bucket)?;
        if expected_owner.is_some_and(|expected| expected != bucket.row.account) {
            return Err(errors::access_denied());
        }
        let wish = Wish {
            key: &source.key,
            version_id: source.version_id.as_deref(),
            conditions: Reading::default(),
            range: None,
            part_number: None,
            checksum: false,
            method: "GET",
        };
        let found = self.found(cx, &bucket, &wish).await.map_err(of_source)?;
        let modified_s = found.modified_ms / 1_000;
        conditions.check_source(&found.object.etag, modified_s, self.now_ms() / 1_000)?;
        Ok(found)
    }
}

/// Recorded: a delete marker that is named is another mistake for a copy.
fn of_source(error: Error) -> Error {
    let is_delete_marker =
        error.code(&wire_s3::SERVICE, wire::Protocol::RestXml) == "MethodNotAllowed";
    if is_delete_marker { errors::copy_of_delete_marker() } else { error }
}

/// Whether the request's own values count rather than the source's.
fn directive(value: Option<&str>, header: &'static str) -> Result<bool, Error> {
    match value {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => Err(errors::unknown_directive(header, other)),
    }
}
