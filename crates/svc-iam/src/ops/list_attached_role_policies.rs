//! `ListAttachedRolePolicies`: the managed policies attached to a role.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::holders;
use crate::tables::RoleRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_attached_role_policies(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListAttachedRolePoliciesRequest,
) -> Result<wire_iam::ListAttachedRolePoliciesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let prefix = input.path_prefix.as_deref();
        let page =
            holders::list_attached::<RoleRecord>(view, account, &input.role_name, prefix, &page)?;
        Ok(wire_iam::ListAttachedRolePoliciesResponse {
            attached_policies: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
