//! `ResyncMFADevice`: learn a device's clock anew from two codes that follow each other.

use crate::Iam;
use crate::errors;
use crate::model::totp;
use crate::ops::{credentials, mfa_devices};
use crate::tables::AssignmentRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn resync_mfa_device(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ResyncMFADeviceRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let now_s = iam.now().unix_s();
    let this = Arc::clone(&iam);
    iam.write(move |tx| {
        let (user, _) = credentials::load(tx, account, &input.user_name)?;
        let serial = &input.serial_number;
        let (mut device, assigned) = mfa_devices::load_assigned(tx, account, &user.name, serial)?;
        let (first, second) = (&input.authentication_code1, &input.authentication_code2);
        let seed = this.seed(account, &device)?;
        let clock = totp::synchronize(&seed, now_s, first, second);
        let clock = clock.ok_or_else(errors::wrong_code)?;
        let (drift_steps, last_step) = (clock.drift, clock.last_step.max(assigned.last_step));
        device.assigned = Some(AssignmentRecord { drift_steps, last_step, ..assigned });
        mfa_devices::save(tx, account, &device)
    })
    .await?;
    Ok(wire::Unit)
}
