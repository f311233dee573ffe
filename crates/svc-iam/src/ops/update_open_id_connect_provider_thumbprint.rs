//! `UpdateOpenIDConnectProviderThumbprint`: replace the thumbprints of an OpenID Connect provider.

use crate::Iam;
use crate::ops::oidc_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_open_id_connect_provider_thumbprint(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    oidc_providers::check_thumbprints(&input.thumbprint_list)?;
    iam.write(move |tx| {
        let mut row = oidc_providers::load(tx, account, &input.open_id_connect_provider_arn)?;
        row.thumbprints.clone_from(&input.thumbprint_list);
        oidc_providers::save(tx, account, &row)
    })
    .await?;
    Ok(wire::Unit)
}
