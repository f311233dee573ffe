//! `DeriveSharedSecret`: the secret that a key shares with the holder of another one (ECDH).

use crate::Kms;
use crate::access::origin;
use crate::crypto::curves;
use crate::errors;
use crate::model::spec::Usage;
use crate::ops::cryptography;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn derive_shared_secret(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::DeriveSharedSecretRequest,
) -> Result<wire_kms::DeriveSharedSecretResponse, wire::Error> {
    cryptography::check_recipient(input.recipient.as_ref())?;
    let key = kms.find(&cx, &input.key_id)?;
    key.check_usable()?;
    key.check_usage(Usage::KeyAgreement, "DeriveSharedSecret")?;
    let secret = kms.secret(&key)?;
    let shared = curves::shared_secret(key.record.spec, &secret, &input.public_key);
    let shared = shared.map_err(|_| errors::public_key_of_other_spec())?;
    cryptography::check_dry_run(input.dry_run)?;
    Ok(wire_kms::DeriveSharedSecretResponse {
        key_id: Some(key.arn()),
        shared_secret: Some(shared.to_vec().into()),
        ciphertext_for_recipient: None,
        key_agreement_algorithm: Some(input.key_agreement_algorithm),
        key_origin: Some(origin(key.record.external)),
    })
}
