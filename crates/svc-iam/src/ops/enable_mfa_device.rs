//! `EnableMFADevice`: give a device to a user, who proves with two codes to have its seed.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::totp;
use crate::ops::{credentials, mfa_devices};
use crate::tables::{AssignmentRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn enable_mfa_device(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::EnableMFADeviceRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let now = iam.now();
    let this = Arc::clone(&iam);
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &input.user_name)?;
        let mut device = mfa_devices::load(tx, account, &input.serial_number)?;
        if device.assigned.is_some() {
            return Err(errors::mfa_device_in_use(&input.serial_number));
        }
        if credentials.mfa_devices.len() >= limits::MFA_DEVICES_PER_USER {
            return Err(errors::quota("MFADevicesPerUser", limits::MFA_DEVICES_PER_USER));
        }
        let (first, second) = (&input.authentication_code1, &input.authentication_code2);
        let seed = this.seed(account, &device)?;
        let clock = totp::synchronize(&seed, now.unix_s(), first, second);
        let clock = clock.ok_or_else(errors::wrong_code)?;
        device.assigned = Some(AssignmentRecord {
            user: key(account, &user.name).1,
            enabled_ms: now.unix_ms(),
            drift_steps: clock.drift,
            last_step: clock.last_step,
        });
        credentials.mfa_devices.push(input.serial_number.clone());
        mfa_devices::save(tx, account, &device)?;
        credentials::save(tx, account, &user.name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
