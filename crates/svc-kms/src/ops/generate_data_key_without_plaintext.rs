//! `GenerateDataKeyWithoutPlaintext`: an encrypted data key.

use crate::Kms;
use crate::model::ciphertext;
use crate::ops::{cryptography, generate_data_key};
use seams::CallCx;
use std::sync::Arc;
use wire_kms::DataKeySpec;

/// See the module.
pub async fn generate_data_key_without_plaintext(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GenerateDataKeyWithoutPlaintextRequest,
) -> Result<wire_kms::GenerateDataKeyWithoutPlaintextResponse, wire::Error> {
    let bytes = generate_data_key::size(
        input.key_spec.or(input.number_of_bytes.is_none().then_some(DataKeySpec::Aes256)),
        input.number_of_bytes,
    )?;
    let key = kms.find(&cx, &input.key_id)?;
    let context = ciphertext::context(input.encryption_context.as_ref())?;
    cryptography::check_data_keys(&key, "GenerateDataKeyWithoutPlaintext")?;
    cryptography::check_dry_run(input.dry_run)?;
    let (_, blob) = generate_data_key::make(&kms, &key, &context, bytes)?;
    Ok(wire_kms::GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: Some(blob.into()),
        key_id: Some(key.arn()),
        key_material_id: Some(key.current()?.id.clone()),
    })
}
