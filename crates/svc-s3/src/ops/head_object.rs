//! `HeadObject`: what is known of an object, without its bytes.

use crate::S3;
use crate::model::precondition::Reading;
use crate::ops::describe::{describe, set_checksum, set_encryption};
use crate::ops::get_object::refuse_customer_keys;
use crate::ops::head::Wish;
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{HeadObjectOutput, HeadObjectRequest};

/// As GetObject answers, and no more rights are needed.
pub async fn head_object(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: HeadObjectRequest,
) -> Result<HeadObjectOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    refuse_customer_keys(&input.sse_customer_algorithm, &input.sse_customer_key)?;
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
        method: "HEAD",
    };
    let found = s3.found(&cx, &bucket, &wish).await?;
    Ok(describe!(HeadObjectOutput, &found))
}
