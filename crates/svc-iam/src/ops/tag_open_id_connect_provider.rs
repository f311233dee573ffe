//! `TagOpenIDConnectProvider`: add or replace tags of an OpenID Connect provider.

use crate::Iam;
use crate::model::tags;
use crate::ops::oidc_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn tag_open_id_connect_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::TagOpenIDConnectProviderRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = oidc_providers::load(tx, account, &input.open_id_connect_provider_arn)?;
        tags::put(&mut row.tags, &input.tags)?;
        oidc_providers::save(tx, account, &row)
    })
    .await?;
    Ok(wire::Unit)
}
