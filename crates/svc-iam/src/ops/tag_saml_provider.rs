//! `TagSAMLProvider`: add or replace tags of a SAML provider.

use crate::Iam;
use crate::model::tags;
use crate::ops::saml_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn tag_saml_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::TagSAMLProviderRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = saml_providers::load(tx, account, &input.saml_provider_arn)?;
        tags::put(&mut row.tags, &input.tags)?;
        saml_providers::save(tx, account, &row)
    })
    .await?;
    Ok(wire::Unit)
}
