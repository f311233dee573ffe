//! `UntagSAMLProvider`: remove tags of a SAML provider.

use crate::Iam;
use crate::model::tags;
use crate::ops::saml_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn untag_saml_provider(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UntagSAMLProviderRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = saml_providers::load(tx, account, &input.saml_provider_arn)?;
        tags::remove(&mut row.tags, &input.tag_keys);
        saml_providers::save(tx, account, &row)
    })
    .await?;
    Ok(wire::Unit)
}
