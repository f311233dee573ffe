//! `Decrypt`: what `Encrypt` or a data key operation made.

use crate::Kms;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::ciphertext::{self, Ciphertext};
use crate::model::spec::Spec;
use crate::ops::cryptography;
use seams::CallCx;
use std::sync::Arc;
use wire_kms::EncryptionAlgorithmSpec;

/// See the module.
pub async fn decrypt(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::DecryptRequest,
) -> Result<wire_kms::DecryptResponse, wire::Error> {
    cryptography::check_recipient(input.recipient.as_ref())?;
    check_modifiers(input.dry_run_modifiers.as_deref())?;
    let algorithm = input.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    let blob = input.ciphertext_blob.ok_or_else(errors::ciphertext_required)?;
    let key = source(&kms, &cx, algorithm, &blob, input.key_id.as_deref())?;
    let context = ciphertext::context(input.encryption_context.as_ref())?;
    cryptography::check_encryption(&key, algorithm, &context, "Decrypt")?;
    let (plaintext, material) = cryptography::decrypt(&kms, &key, algorithm, &context, &blob)?;
    cryptography::check_dry_run(input.dry_run)?;
    Ok(wire_kms::DecryptResponse {
        key_id: Some(key.arn()),
        plaintext: Some(plaintext.to_vec().into()),
        encryption_algorithm: Some(algorithm),
        key_material_id: material,
        ..Default::default()
    })
}

/// The key of a ciphertext: the one that it names, which must be the one that the request names, if it does.
pub fn source(
    kms: &Kms,
    cx: &CallCx,
    algorithm: EncryptionAlgorithmSpec,
    blob: &[u8],
    key_id: Option<&str>,
) -> Result<Key, Error> {
    let wanted = key_id.map(|key_id| kms.find(cx, key_id)).transpose()?;
    if algorithm != EncryptionAlgorithmSpec::SymmetricDefault {
        return wanted.ok_or_else(errors::key_id_required);
    }
    if let Some(key) = wanted.as_ref().filter(|key| key.record.spec != Spec::Symmetric) {
        return Ok(key.clone());
    }
    let parsed = Ciphertext::parse(blob).ok_or_else(errors::invalid_ciphertext)?;
    match wanted {
        None => kms.find_of(cx, &parsed).map_err(|_| errors::inaccessible_ciphertext()),
        Some(key) if (key.account, &*key.id) == (parsed.account, parsed.key_id) => Ok(key),
        Some(_) => Err(errors::incorrect_key()),
    }
}

/// Dry runs without a ciphertext are not built.
pub fn check_modifiers(modifiers: Option<&[wire_kms::DryRunModifierType]>) -> Result<(), Error> {
    match modifiers {
        None | Some([]) => Ok(()),
        Some(_) => Err(errors::not_built("DryRunModifiers")),
    }
}
