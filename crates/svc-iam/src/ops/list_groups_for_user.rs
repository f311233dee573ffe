//! `ListGroupsForUser`: the groups of a user, sorted by name.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::shapes;
use crate::tables::{GroupRecord, Named, UserRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_groups_for_user(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListGroupsForUserRequest,
) -> Result<wire_iam::ListGroupsForUserResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let mut names = UserRecord::load(view, account, &input.user_name)?.groups;
        names.sort_unstable();
        let page = page.of(names, String::clone);
        let mut groups = Vec::new();
        for name in &page.items {
            groups.push(shapes::group(account, &GroupRecord::load(view, account, name)?));
        }
        Ok(wire_iam::ListGroupsForUserResponse {
            groups,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
