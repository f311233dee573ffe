//! `GetGroup`: a group and its members.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::shapes;
use crate::ops::users;
use crate::tables::{GroupRecord, Named};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_group(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetGroupRequest,
) -> Result<wire_iam::GetGroupResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let group = GroupRecord::load(view, account, &input.group_name)?;
        let members = users::members(view, account, &group)?;
        let page = page.of(members, |user| user.name.to_ascii_lowercase());
        let page = page.map(|user| shapes::listed_user(account, &user));
        Ok(wire_iam::GetGroupResponse {
            group: shapes::group(account, &group),
            users: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
