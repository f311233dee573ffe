//! `ListAttachedGroupPolicies`: the managed policies attached to a group.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::holders;
use crate::tables::GroupRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_attached_group_policies(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListAttachedGroupPoliciesRequest,
) -> Result<wire_iam::ListAttachedGroupPoliciesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let prefix = input.path_prefix.as_deref();
        let page =
            holders::list_attached::<GroupRecord>(view, account, &input.group_name, prefix, &page)?;
        Ok(wire_iam::ListAttachedGroupPoliciesResponse {
            attached_policies: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
