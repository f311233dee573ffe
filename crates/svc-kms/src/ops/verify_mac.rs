//! `VerifyMac`: whether a code is the one of a message.

use crate::Kms;
use crate::crypto::mac;
use crate::errors;
use crate::ops::{cryptography, generate_mac};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn verify_mac(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::VerifyMacRequest,
) -> Result<wire_kms::VerifyMacResponse, wire::Error> {
    let (algorithm, key) = (input.mac_algorithm, kms.find(&cx, &input.key_id)?);
    generate_mac::check(&key, algorithm, "VerifyMac")?;
    if !mac::verify(algorithm, &kms.secret(&key)?, &input.message, &input.mac) {
        return Err(errors::invalid_mac().into());
    }
    cryptography::check_dry_run(input.dry_run)?;
    Ok(wire_kms::VerifyMacResponse {
        key_id: Some(key.arn()),
        mac_valid: Some(true),
        mac_algorithm: Some(algorithm),
    })
}
