//! `RemoveClientIDFromOpenIDConnectProvider`: accept tokens for one audience less. One that is not there is no error.

use crate::Iam;
use crate::ops::oidc_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn remove_client_id_from_open_id_connect_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = oidc_providers::load(tx, account, &input.open_id_connect_provider_arn)?;
        row.client_ids.retain(|known| *known != input.client_id);
        oidc_providers::save(tx, account, &row)
    })
    .await?;
    Ok(wire::Unit)
}
