//! `ListGroups`: the groups of the account whose path begins with a prefix, sorted by name.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::shapes;
use crate::tables::GroupRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_groups(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListGroupsRequest,
) -> Result<wire_iam::ListGroupsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let wanted = |row: &GroupRecord| row.path.starts_with(prefix);
        let page = page.of_rows(view, account, wanted)?;
        let page = page.map(|row| shapes::group(account, &row));
        Ok(wire_iam::ListGroupsResponse {
            groups: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
