//! `ListOpenIDConnectProviderTags`: the tags of an OpenID Connect provider.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::tags;
use crate::ops::oidc_providers;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_open_id_connect_provider_tags(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListOpenIDConnectProviderTagsRequest,
) -> Result<wire_iam::ListOpenIDConnectProviderTagsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let row = oidc_providers::load(view, account, &input.open_id_connect_provider_arn)?;
        let page = page.of(tags::list(&row.tags), |tag| tag.key.clone());
        Ok(wire_iam::ListOpenIDConnectProviderTagsResponse {
            tags: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
