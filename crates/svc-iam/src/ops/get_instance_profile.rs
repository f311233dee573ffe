//! `GetInstanceProfile`: an instance profile and its role.

use crate::Iam;
use crate::ops::instance_profiles;
use crate::tables::{InstanceProfileRecord, Named};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_instance_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetInstanceProfileRequest,
) -> Result<wire_iam::GetInstanceProfileResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let row = InstanceProfileRecord::load(view, account, &input.instance_profile_name)?;
        let instance_profile = instance_profiles::shape(view, account, &row)?;
        Ok(wire_iam::GetInstanceProfileResponse { instance_profile })
    })
    .await
}
