//! `GetOpenIDConnectProvider`: an OpenID Connect provider.

use crate::Iam;
use crate::model::tags;
use crate::ops::oidc_providers;
use crate::tables::time;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_open_id_connect_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetOpenIDConnectProviderRequest,
) -> Result<wire_iam::GetOpenIDConnectProviderResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let row = oidc_providers::load(view, account, &input.open_id_connect_provider_arn)?;
        Ok(wire_iam::GetOpenIDConnectProviderResponse {
            url: Some(row.url),
            client_id_list: Some(row.client_ids),
            thumbprint_list: Some(row.thumbprints),
            create_date: Some(time(row.created_ms).into()),
            tags: tags::some(&row.tags),
        })
    })
    .await
}
