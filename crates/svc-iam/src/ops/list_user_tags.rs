//! `ListUserTags`: the tags of a user.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::tags;
use crate::tables::{Named, UserRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_user_tags(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListUserTagsRequest,
) -> Result<wire_iam::ListUserTagsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let row = UserRecord::load(view, account, &input.user_name)?;
        let page = page.of(tags::list(&row.tags), |tag| tag.key.clone());
        Ok(wire_iam::ListUserTagsResponse {
            tags: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
