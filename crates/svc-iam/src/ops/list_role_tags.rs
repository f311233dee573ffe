//! `ListRoleTags`: the tags of a role.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::tags;
use crate::tables::{Named, RoleRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_role_tags(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListRoleTagsRequest,
) -> Result<wire_iam::ListRoleTagsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let row = RoleRecord::load(view, account, &input.role_name)?;
        let page = page.of(tags::list(&row.tags), |tag| tag.key.clone());
        Ok(wire_iam::ListRoleTagsResponse {
            tags: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
