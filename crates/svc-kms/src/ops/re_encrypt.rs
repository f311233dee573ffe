//! `ReEncrypt`: a ciphertext under another key or context, without its plaintext being seen.

use crate::Kms;
use crate::errors;
use crate::model::ciphertext;
use crate::model::spec::Spec;
use crate::ops::{cryptography, decrypt};
use seams::CallCx;
use std::sync::Arc;
use wire_kms::EncryptionAlgorithmSpec;

/// See the module.
pub async fn re_encrypt(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ReEncryptRequest,
) -> Result<wire_kms::ReEncryptResponse, wire::Error> {
    decrypt::check_modifiers(input.dry_run_modifiers.as_deref())?;
    let symmetric = EncryptionAlgorithmSpec::SymmetricDefault;
    let source_algorithm = input.source_encryption_algorithm.unwrap_or(symmetric);
    let algorithm = input.destination_encryption_algorithm.unwrap_or(symmetric);
    let blob = input.ciphertext_blob.ok_or_else(errors::ciphertext_required)?;
    let source =
        decrypt::source(&kms, &cx, source_algorithm, &blob, input.source_key_id.as_deref())?;
    let source_context = ciphertext::context(input.source_encryption_context.as_ref())?;
    cryptography::check_encryption(&source, source_algorithm, &source_context, "ReEncrypt")?;
    let destination = kms.find(&cx, &input.destination_key_id)?;
    let context = ciphertext::context(input.destination_encryption_context.as_ref())?;
    cryptography::check_encryption(&destination, algorithm, &context, "ReEncrypt")?;
    let (plaintext, material) =
        cryptography::decrypt(&kms, &source, source_algorithm, &source_context, &blob)?;
    cryptography::check_dry_run(input.dry_run)?;
    let blob = cryptography::encrypt(&kms, &destination, algorithm, &context, &plaintext)?;
    let is_symmetric = destination.record.spec == Spec::Symmetric;
    Ok(wire_kms::ReEncryptResponse {
        ciphertext_blob: Some(blob),
        source_key_id: Some(source.arn()),
        key_id: Some(destination.arn()),
        source_encryption_algorithm: Some(source_algorithm),
        destination_encryption_algorithm: Some(algorithm),
        source_key_material_id: material,
        destination_key_material_id: match is_symmetric {
            true => Some(destination.current()?.id.clone()),
            false => None,
        },
    })
}
