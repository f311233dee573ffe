//! `ListMFADevices`: the devices of a user.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::{credentials, mfa_devices, users};
use crate::tables::time;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_mfa_devices(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListMFADevicesRequest,
) -> Result<wire_iam::ListMFADevicesResponse, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let (user, credentials) = credentials::load(view, account, name)?;
        let mut devices = Vec::new();
        for serial in credentials.mfa_devices {
            let (_, assigned) = mfa_devices::load_assigned(view, account, &user.name, &serial)?;
            devices.push(wire_iam::MFADevice {
                user_name: user.name.clone(),
                serial_number: serial,
                enable_date: time(assigned.enabled_ms).into(),
            });
        }
        devices.sort_by(|a, b| a.serial_number.cmp(&b.serial_number));
        let page = page.of(devices, |device| device.serial_number.clone());
        Ok(wire_iam::ListMFADevicesResponse {
            mfa_devices: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
