//! `UpdateSAMLProvider`: replace a SAML provider's metadata, its keys, or whether assertions must be encrypted.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::ops::saml_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_saml_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateSAMLProviderRequest,
) -> Result<wire_iam::UpdateSAMLProviderResponse, wire::Error> {
    let account = cx.account;
    let now_s = iam.now().unix_s();
    let metadata = input.saml_metadata_document;
    let valid_until_s =
        metadata.as_deref().map(|text| saml_providers::check_metadata(text, now_s)).transpose()?;
    let key = input.add_private_key.as_deref().map(|pem| iam.saml_key(pem)).transpose()?;
    let arn = input.saml_provider_arn.clone();
    iam.write(move |tx| {
        let mut row = saml_providers::load(tx, account, &input.saml_provider_arn)?;
        if let (Some(metadata), Some(valid_until_s)) = (&metadata, valid_until_s) {
            row.metadata.clone_from(metadata);
            row.valid_until_s = valid_until_s;
        }
        if let Some(mode) = input.assertion_encryption_mode {
            row.encryption_required = Some(saml_providers::is_required(mode));
        }
        if let Some(id) = &input.remove_private_key {
            let before = row.private_keys.len();
            row.private_keys.retain(|known| known.id != *id);
            if row.private_keys.len() == before {
                return Err(errors::no_such_saml_key(id));
            }
        }
        row.private_keys.extend(key.clone());
        if row.private_keys.len() > limits::SAML_KEYS_PER_PROVIDER {
            return Err(errors::quota(
                "SAMLPrivateKeysPerProvider",
                limits::SAML_KEYS_PER_PROVIDER,
            ));
        }
        saml_providers::save(tx, account, &row)
    })
    .await?;
    Ok(wire_iam::UpdateSAMLProviderResponse { saml_provider_arn: Some(arn) })
}
