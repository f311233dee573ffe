//! `DeleteSAMLProvider`: trust a SAML provider no longer.

use crate::Iam;
use crate::ops::saml_providers;
use crate::tables::SAML_PROVIDERS;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_saml_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteSAMLProviderRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let row = saml_providers::load(tx, account, &input.saml_provider_arn)?;
        Ok(tx.delete(&SAML_PROVIDERS, &(account, row.name))?)
    })
    .await?;
    Ok(wire::Unit)
}
