//! `ListServerCertificateTags`: the tags of a server certificate.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::tags;
use crate::tables::{Named, ServerCertificateRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_server_certificate_tags(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListServerCertificateTagsRequest,
) -> Result<wire_iam::ListServerCertificateTagsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let row = ServerCertificateRecord::load(view, account, &input.server_certificate_name)?;
        let page = page.of(tags::list(&row.tags), |tag| tag.key.clone());
        Ok(wire_iam::ListServerCertificateTagsResponse {
            tags: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
