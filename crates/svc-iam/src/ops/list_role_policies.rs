//! `ListRolePolicies`: the names of the inline policies of a role.

use crate::Iam;
use crate::errors::Error;
use crate::model::page::PageRequest;
use crate::ops::holders;
use crate::tables::RoleRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_role_policies(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListRolePoliciesRequest,
) -> Result<wire_iam::ListRolePoliciesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let page = holders::list_inline::<RoleRecord>(view, account, &input.role_name, &page)?;
        Ok::<_, Error>(wire_iam::ListRolePoliciesResponse {
            policy_names: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
