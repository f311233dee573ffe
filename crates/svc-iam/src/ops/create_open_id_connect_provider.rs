//! `CreateOpenIDConnectProvider`: trust the tokens of an OpenID Connect provider.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::tags;
use crate::ops::oidc_providers;
use crate::tables::{OIDC_PROVIDERS, OidcProviderRecord};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;

/// See the module.
pub async fn create_open_id_connect_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateOpenIDConnectProviderRequest,
) -> Result<wire_iam::CreateOpenIDConnectProviderResponse, wire::Error> {
    let account = cx.account;
    let url = oidc_providers::check_url(&input.url)?.to_string();
    let mut client_ids = input.client_id_list.unwrap_or_default();
    client_ids.dedup();
    oidc_providers::check_client_ids(&client_ids)?;
    let thumbprints = input.thumbprint_list.unwrap_or_default();
    oidc_providers::check_thumbprints(&thumbprints)?;
    let provider = OidcProviderRecord {
        url,
        client_ids,
        thumbprints,
        created_ms: iam.now().unix_ms(),
        tags: tags::new(input.tags.as_deref())?,
    };
    let arn = oidc_providers::arn(account, &provider.url);
    let shown = tags::some(&provider.tags);
    iam.write(move |tx| {
        if tx.contains(&OIDC_PROVIDERS, &(account, provider.url.clone()))? {
            return Err(errors::oidc_provider_exists(&provider.url));
        }
        let max = limits::OIDC_PROVIDERS_PER_ACCOUNT;
        if tx.scan_keys(&OIDC_PROVIDERS, Prefix::of((account,)), max)?.len() >= max {
            return Err(errors::quota("OpenIdConnectProvidersPerAccount", max));
        }
        oidc_providers::save(tx, account, &provider)
    })
    .await?;
    Ok(wire_iam::CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(arn),
        tags: shown,
    })
}
