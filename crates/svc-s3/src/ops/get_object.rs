//! `GetObject`: an object, or a range of it.

use crate::S3;
use crate::model::precondition::Reading;
use crate::ops::describe::{describe, set_checksum, set_encryption};
use crate::ops::head::Wish;
use crate::{encryption, errors};
use seams::{CallCx, Principal};
use std::sync::Arc;
use wire::{Body, Error, TimestampFormat};
use wire_s3::{GetObjectOutput, GetObjectRequest};

/// The bytes follow behind the head, a few at a time.
pub async fn get_object(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: GetObjectRequest,
) -> Result<GetObjectOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    refuse_customer_keys(&input.sse_customer_algorithm, &input.sse_customer_key)?;
    let overrides = [
        &input.response_cache_control,
        &input.response_content_disposition,
        &input.response_content_encoding,
        &input.response_content_language,
        &input.response_content_type,
    ];
    let overrides_any =
        overrides.iter().any(|header| header.is_some()) || input.response_expires.is_some();
    if overrides_any && cx.caller.principal == Principal::Anonymous {
        // Documented below GetObject.
        return Err(errors::invalid_request(
            "Request specific response headers cannot be used for anonymous GET requests.",
        ));
    }
    let wish = Wish {
        key: &input.key,
        version_id: input.version_id.as_deref(),
        conditions: Reading {
            if_match: input.if_match.as_deref(),
            if_none_match: input.if_none_match.as_deref(),
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        },
        range: input.range.as_deref(),
        part_number: input.part_number,
        checksum: input.checksum_mode.is_some(),
        method: "GET",
    };
    let found = s3.found(&cx, &bucket, &wish).await?;
    let mut output = describe!(GetObjectOutput, &found);
    let set = |member: &mut Option<String>, given: Option<String>| {
        if given.is_some() {
            *member = given;
        }
    };
    set(&mut output.cache_control, input.response_cache_control);
    set(&mut output.content_disposition, input.response_content_disposition);
    set(&mut output.content_encoding, input.response_content_encoding);
    set(&mut output.content_language, input.response_content_language);
    set(&mut output.content_type, input.response_content_type);
    let expires = input.response_expires.map(|at| at.format(TimestampFormat::HttpDate));
    set(&mut output.expires, expires);
    let body = &found.object.body;
    let key = s3.open_data_key(&cx, &body.key, body.id).await?;
    let pieces = s3.give_out(found.segments, key, found.range, found.held);
    output.body = Some(Body::stream(pieces));
    Ok(output)
}

/// SSE-C is not built.
pub(crate) fn refuse_customer_keys(
    algorithm: &Option<String>,
    key: &Option<String>,
) -> Result<(), Error> {
    match algorithm.is_some() || key.is_some() {
        true => Err(errors::not_built(encryption::CUSTOMER)),
        false => Ok(()),
    }
}
