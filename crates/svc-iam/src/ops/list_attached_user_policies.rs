//! `ListAttachedUserPolicies`: the managed policies attached to a user.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::holders;
use crate::tables::UserRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_attached_user_policies(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListAttachedUserPoliciesRequest,
) -> Result<wire_iam::ListAttachedUserPoliciesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let prefix = input.path_prefix.as_deref();
        let page =
            holders::list_attached::<UserRecord>(view, account, &input.user_name, prefix, &page)?;
        Ok(wire_iam::ListAttachedUserPoliciesResponse {
            attached_policies: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
