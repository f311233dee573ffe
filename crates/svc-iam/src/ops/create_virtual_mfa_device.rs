//! `CreateVirtualMFADevice`: make a seed for an authenticator. It is shown here only.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::{qr_code, tags, totp};
use crate::ops::mfa_devices;
use crate::tables::{MFA_DEVICES, MfaDeviceRecord, key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;

/// See the module.
pub async fn create_virtual_mfa_device(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateVirtualMFADeviceRequest,
) -> Result<wire_iam::CreateVirtualMFADeviceResponse, wire::Error> {
    let account = cx.account;
    let mut seed = [0; totp::SEED_BYTES];
    iam.entropy.fill(&mut seed);
    let mut device = MfaDeviceRecord {
        name: input.virtual_mfa_device_name,
        path: input.path.unwrap_or_else(|| "/".to_string()),
        sealed_seed: String::new(),
        assigned: None,
        tags: tags::new(input.tags.as_deref())?,
    };
    let serial = mfa_devices::serial(account, &device);
    let sealed = iam.secrets.seal(&*iam.entropy, serial.as_bytes(), &seed);
    device.sealed_seed = STANDARD.encode(sealed);
    let shown = totp::base32(&seed);
    let address = format!("otpauth://totp/{}@{account}?secret={shown}", device.name);
    let virtual_mfa_device = wire_iam::VirtualMFADevice {
        serial_number: serial,
        base32_string_seed: Some(shown.into_bytes().into()),
        qr_code_png: qr_code::png(&address).map(Into::into),
        tags: tags::some(&device.tags),
        ..wire_iam::VirtualMFADevice::default()
    };
    iam.write(move |tx| {
        if tx.contains(&MFA_DEVICES, &key(account, &device.name))? {
            return Err(errors::mfa_device_exists());
        }
        let max = limits::MFA_DEVICES_PER_ACCOUNT;
        if tx.scan_keys(&MFA_DEVICES, Prefix::of((account,)), max)?.len() >= max {
            return Err(errors::quota("MFADevicesPerAccount", max));
        }
        mfa_devices::save(tx, account, &device)
    })
    .await?;
    Ok(wire_iam::CreateVirtualMFADeviceResponse { virtual_mfa_device })
}
