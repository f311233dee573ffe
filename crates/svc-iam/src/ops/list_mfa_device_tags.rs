//! `ListMFADeviceTags`: the tags of an MFA device.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::tags;
use crate::ops::mfa_devices;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_mfa_device_tags(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListMFADeviceTagsRequest,
) -> Result<wire_iam::ListMFADeviceTagsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let row = mfa_devices::load(view, account, &input.serial_number)?;
        let page = page.of(tags::list(&row.tags), |tag| tag.key.clone());
        Ok(wire_iam::ListMFADeviceTagsResponse {
            tags: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
