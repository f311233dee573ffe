//! `GetPublicKey`: the public half of a key, for use outside.

use crate::Kms;
use crate::errors;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_public_key(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GetPublicKeyRequest,
) -> Result<wire_kms::GetPublicKeyResponse, wire::Error> {
    let key = kms.find(&cx, &input.key_id)?;
    key.check_usable()?;
    if !key.record.spec.is_asymmetric() {
        return Err(errors::unsupported_operation().into());
    }
    let metadata = key.metadata();
    Ok(wire_kms::GetPublicKeyResponse {
        key_id: Some(key.arn()),
        public_key: Some(key.public_key()?.into()),
        customer_master_key_spec: metadata.customer_master_key_spec,
        key_spec: metadata.key_spec,
        key_usage: metadata.key_usage,
        encryption_algorithms: metadata.encryption_algorithms,
        signing_algorithms: metadata.signing_algorithms,
        key_agreement_algorithms: metadata.key_agreement_algorithms,
    })
}
