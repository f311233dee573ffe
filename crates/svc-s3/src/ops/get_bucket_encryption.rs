//! `GetBucketEncryption`: how objects are encrypted that do not say.

use crate::S3;
use crate::encryption::SSE_S3;
use crate::tables::BucketEncryptionRecord;
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_s3::{
    GetBucketEncryptionOutput, GetBucketEncryptionRequest, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};

/// SSE-S3 where nobody said otherwise. Recorded.
pub async fn get_bucket_encryption(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: GetBucketEncryptionRequest,
) -> Result<GetBucketEncryptionOutput, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let usual = BucketEncryptionRecord {
        algorithm: SSE_S3.to_string(),
        kms_key_id: None,
        bucket_key: false,
    };
    let encryption = bucket.row.encryption.unwrap_or(usual);
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
            sse_algorithm: encryption.algorithm,
            kms_master_key_id: encryption.kms_key_id,
        }),
        bucket_key_enabled: Some(encryption.bucket_key),
        blocked_encryption_types: None,
    };
    let configuration = ServerSideEncryptionConfiguration { rules: vec![rule] };
    Ok(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(configuration) })
}
