//! `AddRoleToInstanceProfile`: put a role into an instance profile, which holds one at most.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::tables::{InstanceProfileRecord, Named, RoleRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn add_role_to_instance_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::AddRoleToInstanceProfileRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut profile = InstanceProfileRecord::load(tx, account, &input.instance_profile_name)?;
        let mut role = RoleRecord::load(tx, account, &input.role_name)?;
        if profile.role.is_some() {
            return Err(errors::quota("InstanceSessionsPerInstanceProfile", 1));
        }
        if role.instance_profiles.len() >= limits::INSTANCE_PROFILES_PER_ROLE {
            let max = limits::INSTANCE_PROFILES_PER_ROLE;
            return Err(errors::quota("InstanceProfilesPerRole", max));
        }
        profile.role = Some(key(account, &role.name).1);
        role.instance_profiles.push(key(account, &profile.name).1);
        role.save(tx, account)?;
        profile.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
