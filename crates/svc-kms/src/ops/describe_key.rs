//! `DescribeKey`: what a key is. The alias of a service of AWS makes its key.

use crate::Kms;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn describe_key(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::DescribeKeyRequest,
) -> Result<wire_kms::DescribeKeyResponse, wire::Error> {
    if let Some(service) = input.key_id.strip_prefix("alias/aws/") {
        kms.managed_key(cx.account, &cx.region, service).await?;
    }
    let key = kms.find(&cx, &input.key_id)?;
    Ok(wire_kms::DescribeKeyResponse { key_metadata: Some(key.metadata()) })
}
