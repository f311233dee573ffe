//! `ListOpenIDConnectProviders`: the account's OpenID Connect providers.

use crate::Iam;
use crate::limits;
use crate::ops::oidc_providers;
use crate::tables::OIDC_PROVIDERS;
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;

/// See the module.
pub async fn list_open_id_connect_providers(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListOpenIDConnectProvidersRequest,
) -> Result<wire_iam::ListOpenIDConnectProvidersResponse, wire::Error> {
    let account = cx.account;
    let _: wire_iam::ListOpenIDConnectProvidersRequest = input;
    iam.read(|view| {
        let max = limits::OIDC_PROVIDERS_PER_ACCOUNT;
        let keys = view.scan_keys(&OIDC_PROVIDERS, Prefix::of((account,)), max)?;
        let arns = keys.iter().map(|(_, url)| Some(oidc_providers::arn(account, url)));
        let list = arns.map(|arn| wire_iam::OpenIDConnectProviderListEntry { arn }).collect();
        Ok(wire_iam::ListOpenIDConnectProvidersResponse {
            open_id_connect_provider_list: Some(list),
        })
    })
    .await
}
