//! `ListUsers`: the users of the account whose path begins with a prefix, sorted by name.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::shapes;
use crate::tables::UserRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_users(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListUsersRequest,
) -> Result<wire_iam::ListUsersResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let wanted = |row: &UserRecord| row.path.starts_with(prefix);
        let page = page.of_rows(view, account, wanted)?;
        let page = page.map(|row| shapes::listed_user(account, &row));
        Ok(wire_iam::ListUsersResponse {
            users: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
