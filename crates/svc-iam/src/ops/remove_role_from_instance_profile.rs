//! `RemoveRoleFromInstanceProfile`: take a role out of an instance profile.

use crate::Iam;
use crate::errors;
use crate::tables::{InstanceProfileRecord, Named, RoleRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn remove_role_from_instance_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::RemoveRoleFromInstanceProfileRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut profile = InstanceProfileRecord::load(tx, account, &input.instance_profile_name)?;
        let mut role = RoleRecord::load(tx, account, &input.role_name)?;
        if profile.role.as_ref() != Some(&key(account, &role.name).1) {
            return Err(errors::role_not_in_instance_profile(&role.name));
        }
        profile.role = None;
        let (_, profile_key) = key(account, &profile.name);
        role.instance_profiles.retain(|known| *known != profile_key);
        role.save(tx, account)?;
        profile.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
