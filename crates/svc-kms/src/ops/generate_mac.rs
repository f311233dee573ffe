//! `GenerateMac`: the authentication code of a message.

use crate::Kms;
use crate::crypto::mac;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::spec::Usage;
use crate::ops::cryptography;
use seams::CallCx;
use std::sync::Arc;
use wire_kms::MacAlgorithmSpec;

/// See the module.
pub async fn generate_mac(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GenerateMacRequest,
) -> Result<wire_kms::GenerateMacResponse, wire::Error> {
    let (algorithm, key) = (input.mac_algorithm, kms.find(&cx, &input.key_id)?);
    check(&key, algorithm, "GenerateMac")?;
    cryptography::check_dry_run(input.dry_run)?;
    let code = mac::generate(algorithm, &kms.secret(&key)?, &input.message);
    Ok(wire_kms::GenerateMacResponse {
        mac: Some(code.into()),
        mac_algorithm: Some(algorithm),
        key_id: Some(key.arn()),
    })
}

/// Whether the key makes codes by `algorithm`.
pub fn check(key: &Key, algorithm: MacAlgorithmSpec, operation: &str) -> Result<(), Error> {
    key.check_usable()?;
    key.check_usage(Usage::GenerateVerifyMac, operation)?;
    let spec = key.record.spec;
    match spec.mac_algorithms().contains(&algorithm) {
        true => Ok(()),
        false => Err(errors::algorithm_incompatible(algorithm.as_str(), spec.wire().as_str())),
    }
}
