//! `PutBucketEncryption`: say how objects are encrypted that do not say.

use crate::tables::BucketEncryptionRecord;
use crate::{S3, errors};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_s3::PutBucketEncryptionRequest;

/// Objects that are there stay as they are.
pub async fn put_bucket_encryption(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: PutBucketEncryptionRequest,
) -> Result<Unit, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let mut rules = input.server_side_encryption_configuration.rules.into_iter();
    let (Some(rule), None) = (rules.next(), rules.next()) else {
        return Err(errors::malformed_xml());
    };
    if rule.blocked_encryption_types.is_some() {
        return Err(errors::not_built("Blocking a type of encryption"));
    }
    let bucket_key = rule.bucket_key_enabled.unwrap_or(false);
    let default = rule.apply_server_side_encryption_by_default.ok_or_else(errors::malformed_xml)?;
    let kms_key_id = default.kms_master_key_id.filter(|key| !key.is_empty());
    let record = match default.sse_algorithm.as_str() {
        "AES256" if kms_key_id.is_some() => {
            // Reported.
            return Err(errors::invalid_argument(
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
                "ApplyServerSideEncryptionByDefault",
                "",
            ));
        }
        "AES256" | "aws:kms" | "aws:kms:dsse" => {
            BucketEncryptionRecord { algorithm: default.sse_algorithm, kms_key_id, bucket_key }
        }
        _ => return Err(errors::malformed_xml()),
    };
    s3.change(bucket, move |row| {
        row.encryption = Some(record.clone());
        Ok(())
    })
    .await?;
    Ok(Unit)
}
