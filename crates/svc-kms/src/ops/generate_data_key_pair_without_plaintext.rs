//! `GenerateDataKeyPairWithoutPlaintext`: a pair of keys, the private one encrypted.

use crate::Kms;
use crate::model::ciphertext;
use crate::ops::{cryptography, generate_data_key_pair};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn generate_data_key_pair_without_plaintext(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GenerateDataKeyPairWithoutPlaintextRequest,
) -> Result<wire_kms::GenerateDataKeyPairWithoutPlaintextResponse, wire::Error> {
    let key = kms.find(&cx, &input.key_id)?;
    cryptography::check_data_keys(&key, "GenerateDataKeyPairWithoutPlaintext")?;
    cryptography::check_dry_run(input.dry_run)?;
    let context = ciphertext::context(input.encryption_context.as_ref())?;
    let pair = generate_data_key_pair::make(&kms, &key, context, input.key_pair_spec).await?;
    Ok(wire_kms::GenerateDataKeyPairWithoutPlaintextResponse {
        private_key_ciphertext_blob: Some(pair.blob.into()),
        public_key: Some(pair.public.into()),
        key_id: Some(key.arn()),
        key_pair_spec: Some(input.key_pair_spec),
        key_material_id: Some(key.current()?.id.clone()),
    })
}
