//! `GetMFADevice`: a device that is somebody's.

use crate::Iam;
use crate::errors;
use crate::ops::mfa_devices;
use crate::tables::{Named, UserRecord, time};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_mfa_device(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetMFADeviceRequest,
) -> Result<wire_iam::GetMFADeviceResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let device = mfa_devices::load(view, account, &input.serial_number)?;
        let Some(assigned) = device.assigned else {
            return Err(errors::no_such_mfa_device(&input.serial_number));
        };
        let user = UserRecord::load(view, account, &assigned.user)?;
        if input.user_name.as_deref().is_some_and(|name| !name.eq_ignore_ascii_case(&user.name)) {
            return Err(errors::mfa_device_of_another());
        }
        Ok(wire_iam::GetMFADeviceResponse {
            user_name: Some(user.name),
            serial_number: input.serial_number.clone(),
            enable_date: Some(time(assigned.enabled_ms).into()),
            certifications: None,
        })
    })
    .await
}
