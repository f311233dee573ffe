//! `CreateSAMLProvider`: trust the assertions of a SAML provider.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::{id, tags};
use crate::ops::saml_providers;
use crate::tables::{SAML_PROVIDERS, SamlProviderRecord};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;

/// See the module.
pub async fn create_saml_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateSAMLProviderRequest,
) -> Result<wire_iam::CreateSAMLProviderResponse, wire::Error> {
    let account = cx.account;
    let now = iam.now();
    let valid_until_s =
        saml_providers::check_metadata(&input.saml_metadata_document, now.unix_s())?;
    let key = input.add_private_key.as_deref().map(|pem| iam.saml_key(pem)).transpose()?;
    let provider = SamlProviderRecord {
        name: input.name,
        uuid: id::opaque(&*iam.entropy),
        metadata: input.saml_metadata_document,
        valid_until_s,
        created_ms: now.unix_ms(),
        encryption_required: input.assertion_encryption_mode.map(saml_providers::is_required),
        private_keys: key.into_iter().collect(),
        tags: tags::new(input.tags.as_deref())?,
    };
    let arn = saml_providers::arn(account, &provider.name);
    let shown = tags::some(&provider.tags);
    iam.write(move |tx| {
        if tx.contains(&SAML_PROVIDERS, &(account, provider.name.clone()))? {
            return Err(errors::saml_provider_exists(&provider.name));
        }
        let max = limits::SAML_PROVIDERS_PER_ACCOUNT;
        if tx.scan_keys(&SAML_PROVIDERS, Prefix::of((account,)), max)?.len() >= max {
            return Err(errors::quota("SAMLProvidersPerAccount", max));
        }
        saml_providers::save(tx, account, &provider)
    })
    .await?;
    Ok(wire_iam::CreateSAMLProviderResponse { saml_provider_arn: Some(arn), tags: shown })
}
