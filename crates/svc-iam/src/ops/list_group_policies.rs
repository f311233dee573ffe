//! `ListGroupPolicies`: the names of the inline policies of a group.

use crate::Iam;
use crate::errors::Error;
use crate::model::page::PageRequest;
use crate::ops::holders;
use crate::tables::GroupRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_group_policies(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListGroupPoliciesRequest,
) -> Result<wire_iam::ListGroupPoliciesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let page = holders::list_inline::<GroupRecord>(view, account, &input.group_name, &page)?;
        Ok::<_, Error>(wire_iam::ListGroupPoliciesResponse {
            policy_names: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
