//! `ListInstanceProfiles`: the account's instance profiles, sorted by name.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::instance_profiles;
use crate::tables::InstanceProfileRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_instance_profiles(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListInstanceProfilesRequest,
) -> Result<wire_iam::ListInstanceProfilesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let wanted = |row: &InstanceProfileRecord| row.path.starts_with(prefix);
        let page = page.of_rows(view, account, wanted)?;
        Ok(wire_iam::ListInstanceProfilesResponse {
            instance_profiles: instance_profiles::listed(view, account, &page.items)?,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
