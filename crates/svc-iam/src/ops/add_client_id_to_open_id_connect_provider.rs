//! `AddClientIDToOpenIDConnectProvider`: accept tokens for one more audience. One that is there already is no error.

use crate::Iam;
use crate::ops::oidc_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn add_client_id_to_open_id_connect_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::AddClientIDToOpenIDConnectProviderRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = oidc_providers::load(tx, account, &input.open_id_connect_provider_arn)?;
        if !row.client_ids.contains(&input.client_id) {
            row.client_ids.push(input.client_id.clone());
        }
        oidc_providers::check_client_ids(&row.client_ids)?;
        oidc_providers::save(tx, account, &row)
    })
    .await?;
    Ok(wire::Unit)
}
