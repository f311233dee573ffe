//! `UntagOpenIDConnectProvider`: remove tags of an OpenID Connect provider.

use crate::Iam;
use crate::model::tags;
use crate::ops::oidc_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn untag_open_id_connect_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UntagOpenIDConnectProviderRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = oidc_providers::load(tx, account, &input.open_id_connect_provider_arn)?;
        tags::remove(&mut row.tags, &input.tag_keys);
        oidc_providers::save(tx, account, &row)
    })
    .await?;
    Ok(wire::Unit)
}
