//! `GenerateDataKey`: a data key, plain and encrypted.

use crate::Kms;
use crate::crypto::Secret;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::ciphertext;
use crate::ops::cryptography;
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_kms::DataKeySpec;

/// See the module.
pub async fn generate_data_key(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GenerateDataKeyRequest,
) -> Result<wire_kms::GenerateDataKeyResponse, wire::Error> {
    cryptography::check_recipient(input.recipient.as_ref())?;
    let bytes = size(input.key_spec, input.number_of_bytes)?;
    let key = kms.find(&cx, &input.key_id)?;
    let context = ciphertext::context(input.encryption_context.as_ref())?;
    cryptography::check_data_keys(&key, "GenerateDataKey")?;
    cryptography::check_dry_run(input.dry_run)?;
    let (plaintext, blob) = make(&kms, &key, &context, bytes)?;
    Ok(wire_kms::GenerateDataKeyResponse {
        ciphertext_blob: Some(blob.into()),
        plaintext: Some(plaintext.to_vec().into()),
        key_id: Some(key.arn()),
        key_material_id: Some(key.current()?.id.clone()),
        ..Default::default()
    })
}

/// How many bytes the data key shall have.
pub fn size(spec: Option<DataKeySpec>, bytes: Option<i32>) -> Result<usize, Error> {
    match (spec, bytes.and_then(|bytes| usize::try_from(bytes).ok())) {
        (Some(DataKeySpec::Aes256), None) => Ok(32),
        (Some(DataKeySpec::Aes128), None) => Ok(16),
        (None, Some(bytes)) => Ok(bytes),
        _ => Err(errors::data_key_size()),
    }
}

/// A data key and its ciphertext.
pub fn make(
    kms: &Kms,
    key: &Key,
    context: &BTreeMap<String, String>,
    bytes: usize,
) -> Result<(Secret, Vec<u8>), Error> {
    let mut plaintext = Secret::new(vec![0; bytes]);
    kms.entropy.fill(&mut plaintext);
    let blob = kms.encrypt_symmetric(key, context, &plaintext)?;
    Ok((plaintext, blob))
}
