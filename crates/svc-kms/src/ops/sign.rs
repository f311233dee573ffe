//! `Sign`: the signature of a message or of its digest.

use crate::Kms;
use crate::crypto::{curves, rsa_keys};
use crate::errors;
use crate::model::spec::Spec;
use crate::ops::cryptography;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn sign(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::SignRequest,
) -> Result<wire_kms::SignResponse, wire::Error> {
    let (algorithm, key) = (input.signing_algorithm, kms.find(&cx, &input.key_id)?);
    cryptography::check_signing(&key, algorithm, "Sign")?;
    let signed = cryptography::to_be_signed(algorithm, input.message_type, &input.message)?;
    cryptography::check_dry_run(input.dry_run)?;
    let secret = kms.secret(&key)?;
    let signature = match key.record.spec {
        Spec::Ed25519 => curves::sign_ed25519(&secret, algorithm, &signed),
        spec if spec.rsa_bits().is_some() => {
            rsa_keys::sign(&secret, algorithm, &signed, &*kms.entropy)
        }
        spec => curves::sign(spec, &secret, &signed),
    };
    let signature = signature.map_err(|_| errors::broken("a key that does not sign"))?;
    Ok(wire_kms::SignResponse {
        key_id: Some(key.arn()),
        signature: Some(signature.into()),
        signing_algorithm: Some(algorithm),
    })
}
