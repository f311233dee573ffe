//! What operations on MFA devices share.

use crate::Iam;
use crate::errors::{self, Error};
use crate::model::totp;
use crate::tables::{self, AssignmentRecord, MFA_DEVICES, MfaDeviceRecord, key};
use base::AccountId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use store::{Tx, View};

/// `arn:aws:iam::123456789012:mfa/path/name`: what AWS calls the serial number of a virtual device.
pub fn serial(account: AccountId, device: &MfaDeviceRecord) -> String {
    tables::arn(account, "mfa", &device.path, &device.name)
}

/// The account's device with this serial number.
pub fn load(view: &View<'_>, account: AccountId, wanted: &str) -> Result<MfaDeviceRecord, Error> {
    let name = wanted.rsplit('/').next().unwrap_or_default();
    let device = view.get(&MFA_DEVICES, &key(account, name))?;
    let device = device.filter(|device| serial(account, device) == wanted);
    device.ok_or_else(|| errors::no_such_mfa_device(wanted))
}

/// Writes the row.
pub fn save(tx: &mut Tx<'_>, account: AccountId, device: &MfaDeviceRecord) -> Result<(), Error> {
    Ok(tx.put(&MFA_DEVICES, &key(account, &device.name), device)?)
}

/// A device that belongs to this user.
pub fn load_assigned(
    view: &View<'_>,
    account: AccountId,
    user: &str,
    wanted: &str,
) -> Result<(MfaDeviceRecord, AssignmentRecord), Error> {
    let (_, user) = key(account, user);
    let device = load(view, account, wanted).map_err(|_| errors::mfa_device_of_another())?;
    match device.assigned.clone().filter(|assigned| assigned.user == user) {
        Some(assigned) => Ok((device, assigned)),
        None => Err(errors::mfa_device_of_another()),
    }
}

impl Iam {
    /// The device's seed.
    pub(super) fn seed(
        &self,
        account: AccountId,
        device: &MfaDeviceRecord,
    ) -> Result<Vec<u8>, Error> {
        let serial = serial(account, device);
        let sealed = STANDARD.decode(&device.sealed_seed).ok();
        let seed = sealed.and_then(|sealed| self.secrets.open(serial.as_bytes(), &sealed));
        // Sealed under another root key: a data directory that was put together from two.
        seed.ok_or_else(|| errors::no_such_mfa_device(&serial))
    }

    /// Whether `code` is what the device of `user` shows at `now_s`, for those who ask for a second factor. A code is
    /// accepted once. `user` is a name of `account`, `wanted` the serial number.
    pub async fn check_mfa_code(
        &self,
        account: AccountId,
        (user, wanted, code): (&str, &str, &str),
        now_s: u64,
    ) -> Result<bool, wire::Error> {
        let seen = self
            .read(|view| {
                let Ok((device, assigned)) = load_assigned(view, account, user, wanted) else {
                    return Ok(None);
                };
                let (drift, last_step) = (assigned.drift_steps, assigned.last_step);
                let known = totp::Synchronized { drift, last_step };
                let seed = self.seed(account, &device)?;
                Ok(totp::verify(&seed, known, now_s, code).map(|now| (last_step, now.last_step)))
            })
            .await?;
        let Some((before, step)) = seen else { return Ok(false) };
        let (user, wanted) = (user.to_string(), wanted.to_string());
        self.write(move |tx| {
            let (mut device, assigned) = load_assigned(tx, account, &user, &wanted)?;
            // Somebody else has used the code in between.
            if assigned.last_step != before {
                return Ok(false);
            }
            device.assigned = Some(AssignmentRecord { last_step: step, ..assigned });
            save(tx, account, &device)?;
            Ok(true)
        })
        .await
    }
}
