//! `GetSAMLProvider`: a SAML provider.

use crate::Iam;
use crate::model::tags;
use crate::ops::saml_providers;
use crate::tables::time;
use base::Time;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::AssertionEncryptionModeType;

/// See the module.
pub async fn get_saml_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetSAMLProviderRequest,
) -> Result<wire_iam::GetSAMLProviderResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let row = saml_providers::load(view, account, &input.saml_provider_arn)?;
        let mode = |required| match required {
            true => AssertionEncryptionModeType::Required,
            false => AssertionEncryptionModeType::Allowed,
        };
        let keys = row.private_keys.into_iter().map(|key| wire_iam::SAMLPrivateKey {
            key_id: Some(key.id),
            timestamp: Some(time(key.added_ms).into()),
        });
        let keys: Vec<_> = keys.collect();
        Ok(wire_iam::GetSAMLProviderResponse {
            saml_provider_uuid: Some(row.uuid),
            saml_metadata_document: Some(row.metadata),
            create_date: Some(time(row.created_ms).into()),
            valid_until: Some(Time::from_unix_s(row.valid_until_s).into()),
            tags: tags::some(&row.tags),
            assertion_encryption_mode: row.encryption_required.map(mode),
            private_key_list: (!keys.is_empty()).then_some(keys),
        })
    })
    .await
}
