//! `UploadPartCopy`: a part that is made of an object.

use crate::model::copy_source::CopySource;
use crate::model::precondition::Reading;
use crate::model::range::Range;
use crate::ops::describe::{set_checksum_value, set_encryption};
use crate::ops::get_object::refuse_customer_keys;
use crate::ops::upload_part::check_number;
use crate::{S3, errors, hex, limits, timestamp};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{CopyPartResult, UploadPartCopyOutput, UploadPartCopyRequest};

/// All of it, or a range.
pub async fn upload_part_copy(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: UploadPartCopyRequest,
) -> Result<UploadPartCopyOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    refuse_customer_keys(&input.sse_customer_algorithm, &input.sse_customer_key)?;
    let customer = &input.copy_source_sse_customer_algorithm;
    refuse_customer_keys(customer, &input.copy_source_sse_customer_key)?;
    check_number(input.part_number)?;
    let upload = s3.upload(&bucket, &input.key, &input.upload_id)?;
    let source = CopySource::parse(&input.copy_source)?;
    let conditions = Reading {
        if_match: input.copy_source_if_match.as_deref(),
        if_none_match: input.copy_source_if_none_match.as_deref(),
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    let expected = input.expected_source_bucket_owner.as_deref();
    let found = s3.copied(&cx, &source, expected, conditions).await?;
    let range = match &input.copy_source_range {
        Some(range) => copy_range(range, found.object.size)?,
        None => Range::whole(found.object.size),
    };
    if range.bytes > limits::PUT_BYTES_MAX {
        return Err(errors::copy_source_too_large());
    }
    let copy_source_version_id = found.version_id.clone();
    let source_key = s3.open_data_key(&cx, &found.object.body.key, found.object.body.id).await?;
    let pieces = s3.give_out(found.segments, source_key, range, found.held);
    let algorithms = vec![upload.algorithm()?];
    let (id, sealed) = s3.take_part(&cx, &upload, pieces, algorithms).await?;
    let mut result =
        CopyPartResult { e_tag: Some(format!("\"{}\"", hex(&sealed.md5))), ..Default::default() };
    let is_asked = upload.record.checksum_algorithm.is_some();
    if let Some(checksum) = sealed.checksums.first().filter(|_| is_asked) {
        set_checksum_value!(&mut result, checksum);
    }
    let mut output = UploadPartCopyOutput { copy_source_version_id, ..Default::default() };
    set_encryption!(&mut output, &upload.record.key);
    let number = input.part_number;
    let modified_ms = s3.keep_part(bucket, input.key, upload, number, (id, sealed)).await?;
    result.last_modified = timestamp(modified_ms);
    output.copy_part_result = Some(result);
    Ok(output)
}

/// Stricter than `Range`. Recorded.
fn copy_range(text: &str, size: u64) -> Result<Range, Error> {
    let number = |text: &str| match !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        true => text.parse::<u64>().ok(),
        false => None,
    };
    let pair = text.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let pair = pair.and_then(|(first, last)| Some((number(first)?, number(last)?)));
    let Some((first, last)) = pair.filter(|(first, last)| first <= last) else {
        return Err(errors::invalid_copy_range_form(text));
    };
    match (first < size, last < size) {
        (true, true) => Ok(Range { start: first, bytes: last - first + 1 }),
        (true, false) => Err(errors::invalid_copy_range(text, size)),
        (false, _) => Err(errors::copy_range_beyond()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded, of an object of ten bytes.
    #[test]
    fn ranges() {
        let said = |text: &str| match copy_range(text, 10) {
            Ok(range) => range.content_range(10),
            Err(error) => error.message().chars().take(17).collect(),
        };
        assert_eq!(said("bytes=0-8"), "bytes 0-8/10");
        assert_eq!(said("bytes=1-1"), "bytes 1-1/10");
        for form in ["0-8", "bytes=-", "bytes=-2", "bytes=1-", "bytes=1-0", "bytes=0-1,3-4"] {
            assert_eq!(said(form), "The x-amz-copy-so", "{form}");
        }
        assert_eq!(said("bytes=0-100"), "Range specified i");
        assert_eq!(said("bytes=100-200"), "The specified cop");
    }
}
