//! `DeleteOpenIDConnectProvider`: trust an OpenID Connect provider no longer. One that is not there is no error, as on AWS.

use crate::Iam;
use crate::errors;
use crate::tables::OIDC_PROVIDERS;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_open_id_connect_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteOpenIDConnectProviderRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let Some((_, url)) = input.open_id_connect_provider_arn.split_once(":oidc-provider/") else {
        return Err(errors::bad_provider_arn(&input.open_id_connect_provider_arn).into());
    };
    let url = url.to_string();
    iam.write(move |tx| Ok(tx.delete(&OIDC_PROVIDERS, &(account, url.clone()))?)).await?;
    Ok(wire::Unit)
}
