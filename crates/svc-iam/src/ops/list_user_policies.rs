//! `ListUserPolicies`: the names of the inline policies of a user.

use crate::Iam;
use crate::errors::Error;
use crate::model::page::PageRequest;
use crate::ops::holders;
use crate::tables::UserRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_user_policies(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListUserPoliciesRequest,
) -> Result<wire_iam::ListUserPoliciesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let page = holders::list_inline::<UserRecord>(view, account, &input.user_name, &page)?;
        Ok::<_, Error>(wire_iam::ListUserPoliciesResponse {
            policy_names: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
