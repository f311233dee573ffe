//! `ListSAMLProviderTags`: the tags of a SAML provider.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::tags;
use crate::ops::saml_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_saml_provider_tags(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListSAMLProviderTagsRequest,
) -> Result<wire_iam::ListSAMLProviderTagsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let row = saml_providers::load(view, account, &input.saml_provider_arn)?;
        let page = page.of(tags::list(&row.tags), |tag| tag.key.clone());
        Ok(wire_iam::ListSAMLProviderTagsResponse {
            tags: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
