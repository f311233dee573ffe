//! `ListPolicies`: managed policies, AWS's and the account's, sorted by name.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::policies;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_policies(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListPoliciesRequest,
) -> Result<wire_iam::ListPoliciesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let policies = policies::list(view, account, &input)?;
        let page = page.of(policies, policies::sort_key);
        Ok(wire_iam::ListPoliciesResponse {
            policies: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
