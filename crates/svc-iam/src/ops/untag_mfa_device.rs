//! `UntagMFADevice`: remove tags of an MFA device.

use crate::Iam;
use crate::model::tags;
use crate::ops::mfa_devices;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn untag_mfa_device(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UntagMFADeviceRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = mfa_devices::load(tx, account, &input.serial_number)?;
        tags::remove(&mut row.tags, &input.tag_keys);
        mfa_devices::save(tx, account, &row)
    })
    .await?;
    Ok(wire::Unit)
}
