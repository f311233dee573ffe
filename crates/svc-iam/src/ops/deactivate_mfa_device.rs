//! `DeactivateMFADevice`: take a device from its user.

use crate::Iam;
use crate::ops::{credentials, mfa_devices, users};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn deactivate_mfa_device(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeactivateMFADeviceRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &name)?;
        let serial = &input.serial_number;
        let (mut device, _) = mfa_devices::load_assigned(tx, account, &user.name, serial)?;
        device.assigned = None;
        credentials.mfa_devices.retain(|known| known != serial);
        mfa_devices::save(tx, account, &device)?;
        credentials::save(tx, account, &user.name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
