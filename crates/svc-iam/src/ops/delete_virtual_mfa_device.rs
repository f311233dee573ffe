//! `DeleteVirtualMFADevice`: remove a device that is nobody's.

use crate::Iam;
use crate::errors;
use crate::ops::mfa_devices;
use crate::tables::{MFA_DEVICES, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_virtual_mfa_device(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteVirtualMFADeviceRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let device = mfa_devices::load(tx, account, &input.serial_number)?;
        if device.assigned.is_some() {
            return Err(errors::mfa_device_assigned());
        }
        Ok(tx.delete(&MFA_DEVICES, &key(account, &device.name))?)
    })
    .await?;
    Ok(wire::Unit)
}
