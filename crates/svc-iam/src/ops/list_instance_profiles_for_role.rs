//! `ListInstanceProfilesForRole`: the instance profiles that a role is in.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::instance_profiles;
use crate::tables::{InstanceProfileRecord, Named, RoleRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_instance_profiles_for_role(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListInstanceProfilesForRoleRequest,
) -> Result<wire_iam::ListInstanceProfilesForRoleResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let mut names = RoleRecord::load(view, account, &input.role_name)?.instance_profiles;
        names.sort_unstable();
        let page = page.of(names, String::clone);
        let load = |name: &String| InstanceProfileRecord::load(view, account, name);
        let rows = page.items.iter().map(load).collect::<Result<Vec<_>, _>>()?;
        Ok(wire_iam::ListInstanceProfilesForRoleResponse {
            instance_profiles: instance_profiles::listed(view, account, &rows)?,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
