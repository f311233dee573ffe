//! `Encrypt`: up to 4,096 bytes under a key.

use crate::Kms;
use crate::model::ciphertext;
use crate::ops::cryptography;
use seams::CallCx;
use std::sync::Arc;
use wire_kms::EncryptionAlgorithmSpec;

/// See the module.
pub async fn encrypt(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::EncryptRequest,
) -> Result<wire_kms::EncryptResponse, wire::Error> {
    let key = kms.find(&cx, &input.key_id)?;
    let algorithm = input.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    let context = ciphertext::context(input.encryption_context.as_ref())?;
    cryptography::check_encryption(&key, algorithm, &context, "Encrypt")?;
    cryptography::check_dry_run(input.dry_run)?;
    let blob = cryptography::encrypt(&kms, &key, algorithm, &context, &input.plaintext)?;
    Ok(wire_kms::EncryptResponse {
        ciphertext_blob: Some(blob),
        key_id: Some(key.arn()),
        encryption_algorithm: Some(algorithm),
    })
}
