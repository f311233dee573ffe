//! `GetParametersForImport`: a public key under which material is wrapped, and the token that goes with it.

use crate::errors;
use crate::model::import_token::{ImportToken, Wrapping};
use crate::model::metadata::time;
use crate::ops::importing;
use crate::{Kms, crypto, limits};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_parameters_for_import(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GetParametersForImportRequest,
) -> Result<wire_kms::GetParametersForImportResponse, wire::Error> {
    let key = kms.find_by_id(&cx, &input.key_id)?;
    importing::check_external(&key)?;
    key.check_not_pending_deletion()?;
    let (algorithm, spec) = (input.wrapping_algorithm, input.wrapping_key_spec);
    let wrapping = Wrapping::from_wire(algorithm, spec).filter(|w| w.suits(key.record.spec));
    let wrapping = wrapping.ok_or_else(|| {
        let own = key.record.spec.wire();
        errors::wrapping_not_valid(algorithm.as_str(), spec.as_str(), own.as_str())
    })?;
    let entropy = kms.entropy.clone();
    // RSA keys take up to seconds.
    let private =
        tokio::task::spawn_blocking(move || crypto::rsa_keys::generate(wrapping.bits, &*entropy))
            .await
            .map_err(wire::Error::internal)?;
    let public = crypto::rsa_keys::public_key(wrapping.bits, &private)
        .map_err(|_| errors::broken("an RSA key that was just made"))?;
    let expires_ms = kms.now_ms() + limits::IMPORT_TOKEN_MS;
    let token = ImportToken { key: importing::place(&key), wrapping, expires_ms, private };
    Ok(wire_kms::GetParametersForImportResponse {
        key_id: Some(key.arn()),
        import_token: Some(kms.seal_import_token(&token).into()),
        public_key: Some(public.into()),
        parameters_valid_to: Some(time(expires_ms)),
    })
}
