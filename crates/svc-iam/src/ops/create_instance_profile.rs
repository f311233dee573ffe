//! `CreateInstanceProfile`: make an instance profile without a role.

use crate::Iam;
use crate::limits;
use crate::model::{id, tags};
use crate::ops::{holders, instance_profiles};
use crate::tables::{InstanceProfileRecord, Named};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn create_instance_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateInstanceProfileRequest,
) -> Result<wire_iam::CreateInstanceProfileResponse, wire::Error> {
    let account = cx.account;
    let profile = InstanceProfileRecord {
        path: input.path.unwrap_or_else(|| "/".to_string()),
        id: id::unique(&*iam.entropy, id::INSTANCE_PROFILE),
        created_ms: iam.now().unix_ms(),
        role: None,
        tags: tags::new(input.tags.as_deref())?,
        name: input.instance_profile_name,
    };
    let shape = iam
        .write(move |tx| {
            let quota = ("InstanceProfilesPerAccount", limits::INSTANCE_PROFILES_PER_ACCOUNT);
            holders::check_new::<InstanceProfileRecord>(tx, account, &profile.name, quota)?;
            profile.save(tx, account)?;
            instance_profiles::shape(tx, account, &profile)
        })
        .await?;
    Ok(wire_iam::CreateInstanceProfileResponse { instance_profile: shape })
}
