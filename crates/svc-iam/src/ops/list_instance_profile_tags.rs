//! `ListInstanceProfileTags`: the tags of an instance profile.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::tags;
use crate::tables::{InstanceProfileRecord, Named};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_instance_profile_tags(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListInstanceProfileTagsRequest,
) -> Result<wire_iam::ListInstanceProfileTagsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let row = InstanceProfileRecord::load(view, account, &input.instance_profile_name)?;
        let page = page.of(tags::list(&row.tags), |tag| tag.key.clone());
        Ok(wire_iam::ListInstanceProfileTagsResponse {
            tags: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
