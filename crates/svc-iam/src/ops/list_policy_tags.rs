//! `ListPolicyTags`: the tags of a policy.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::tags;
use crate::ops::policies::{self, Managed};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_policy_tags(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListPolicyTagsRequest,
) -> Result<wire_iam::ListPolicyTagsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let tags = match policies::load(view, account, &input.policy_arn)? {
            Managed::Own(row) => tags::list(&row.tags),
            Managed::Aws(_) => Vec::new(),
        };
        let page = page.of(tags, |tag| tag.key.clone());
        Ok(wire_iam::ListPolicyTagsResponse {
            tags: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
