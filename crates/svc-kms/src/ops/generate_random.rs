//! `GenerateRandom`: 1 to 1,024 random bytes.

use crate::Kms;
use crate::errors;
use crate::ops::cryptography;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn generate_random(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GenerateRandomRequest,
) -> Result<wire_kms::GenerateRandomResponse, wire::Error> {
    let _ = &cx;
    if input.custom_key_store_id.is_some() {
        return Err(errors::not_built("a custom key store").into());
    }
    cryptography::check_recipient(input.recipient.as_ref())?;
    let bytes = input.number_of_bytes.and_then(|bytes| usize::try_from(bytes).ok());
    let mut plaintext = vec![0; bytes.ok_or_else(errors::bytes_required)?];
    kms.entropy.fill(&mut plaintext);
    Ok(wire_kms::GenerateRandomResponse {
        plaintext: Some(plaintext.into()),
        ciphertext_for_recipient: None,
    })
}
