//! `Verify`: whether a signature is one of a message or of its digest.

use crate::Kms;
use crate::crypto::{curves, rsa_keys};
use crate::errors;
use crate::model::spec::Spec;
use crate::ops::cryptography;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn verify(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::VerifyRequest,
) -> Result<wire_kms::VerifyResponse, wire::Error> {
    let (algorithm, key) = (input.signing_algorithm, kms.find(&cx, &input.key_id)?);
    cryptography::check_signing(&key, algorithm, "Verify")?;
    let signed = cryptography::to_be_signed(algorithm, input.message_type, &input.message)?;
    let (public, signature) = (key.public_key()?, &input.signature);
    let verified = match key.record.spec {
        Spec::Ed25519 => curves::verify_ed25519(&public, algorithm, &signed, signature),
        spec if spec.rsa_bits().is_some() => {
            rsa_keys::verify(&public, algorithm, &signed, signature)
        }
        spec => curves::verify(spec, &public, &signed, signature),
    };
    if verified != Ok(true) {
        return Err(errors::invalid_signature().into());
    }
    cryptography::check_dry_run(input.dry_run)?;
    Ok(wire_kms::VerifyResponse {
        key_id: Some(key.arn()),
        signature_valid: Some(true),
        signing_algorithm: Some(algorithm),
    })
}
