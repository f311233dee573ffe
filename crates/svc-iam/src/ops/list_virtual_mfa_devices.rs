//! `ListVirtualMFADevices`: the account's devices: all, or those that are or are not somebody's.

use crate::Iam;
use crate::limits;
use crate::model::page::PageRequest;
use crate::model::shapes;
use crate::ops::mfa_devices;
use crate::tables::{MFA_DEVICES, MfaDeviceRecord, Named, UserRecord, time};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_iam::AssignmentStatusType;

/// See the module.
pub async fn list_virtual_mfa_devices(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListVirtualMFADevicesRequest,
) -> Result<wire_iam::ListVirtualMFADevicesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let rows =
            view.scan(&MFA_DEVICES, Prefix::of((account,)), limits::MFA_DEVICES_PER_ACCOUNT)?;
        let is_wanted = |device: &MfaDeviceRecord| match input.assignment_status {
            Some(AssignmentStatusType::Assigned) => device.assigned.is_some(),
            Some(AssignmentStatusType::Unassigned) => device.assigned.is_none(),
            _ => true,
        };
        let rows = rows.into_iter().map(|(_, device)| device).filter(is_wanted);
        let page = page.of(rows, |device| device.name.to_ascii_lowercase());
        let (is_truncated, marker) = (page.is_truncated, page.marker);
        let mut virtual_mfa_devices = Vec::new();
        for device in page.items {
            let assigned = device.assigned.as_ref();
            let user = assigned.map(|a| UserRecord::load(view, account, &a.user)).transpose()?;
            virtual_mfa_devices.push(wire_iam::VirtualMFADevice {
                serial_number: mfa_devices::serial(account, &device),
                user: user.map(|user| shapes::listed_user(account, &user)),
                enable_date: assigned.map(|assigned| time(assigned.enabled_ms).into()),
                ..wire_iam::VirtualMFADevice::default()
            });
        }
        Ok(wire_iam::ListVirtualMFADevicesResponse { virtual_mfa_devices, is_truncated, marker })
    })
    .await
}
