//! Passwords, MFA devices, certificates and keys of users.

use super::created;
use crate::tables::{ACCOUNTS, MFA_DEVICES, UserRecord, key};
use crate::{Iam, ops};
use rt::{Access, Routes};
use seams::{CallCx, Principal};
use std::sync::Arc;
use wire_iam::ops as wire_ops;

/// See the module.
pub fn passwords(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateLoginProfile,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:CreateLoginProfile", input.user_name.as_deref())
            },
            ops::create_login_profile,
        )
        .on(
            wire_ops::GetLoginProfile,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:GetLoginProfile", input.user_name.as_deref())
            },
            ops::get_login_profile,
        )
        .on(
            wire_ops::UpdateLoginProfile,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:UpdateLoginProfile", &input.user_name).into())
            },
            ops::update_login_profile,
        )
        .on(
            wire_ops::DeleteLoginProfile,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:DeleteLoginProfile", input.user_name.as_deref())
            },
            ops::delete_login_profile,
        )
        .on(
            wire_ops::ChangePassword,
            iam,
            |iam, cx, _| Ok(iam.change_password(cx)),
            ops::change_password,
        )
        .on(
            wire_ops::UpdateAccountPasswordPolicy,
            iam,
            |_, _, _| Ok(Access::to_any("iam:UpdateAccountPasswordPolicy")),
            ops::update_account_password_policy,
        )
        .on(
            wire_ops::GetAccountPasswordPolicy,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GetAccountPasswordPolicy")),
            ops::get_account_password_policy,
        )
        .on(
            wire_ops::DeleteAccountPasswordPolicy,
            iam,
            |_, _, _| Ok(Access::to_any("iam:DeleteAccountPasswordPolicy")),
            ops::delete_account_password_policy,
        )
}

/// See the module.
pub fn mfa_devices(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateVirtualMFADevice,
            iam,
            |_, cx, input| {
                Ok(created(
                    cx,
                    "iam:CreateVirtualMFADevice",
                    "mfa",
                    input.path.as_deref(),
                    &input.virtual_mfa_device_name,
                )
                .tags(input.tags.as_deref())
                .into())
            },
            ops::create_virtual_mfa_device,
        )
        .on(
            wire_ops::DeleteVirtualMFADevice,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:DeleteVirtualMFADevice", &input.serial_number).into())
            },
            ops::delete_virtual_mfa_device,
        )
        .on(
            wire_ops::EnableMFADevice,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:EnableMFADevice", &input.user_name).into())
            },
            ops::enable_mfa_device,
        )
        .on(
            wire_ops::DeactivateMFADevice,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:DeactivateMFADevice", input.user_name.as_deref())
            },
            ops::deactivate_mfa_device,
        )
        .on(
            wire_ops::ResyncMFADevice,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:ResyncMFADevice", &input.user_name).into())
            },
            ops::resync_mfa_device,
        )
        .on(
            wire_ops::ListMFADevices,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:ListMFADevices", input.user_name.as_deref())
            },
            ops::list_mfa_devices,
        )
        .on(
            wire_ops::GetMFADevice,
            iam,
            |iam, cx, input| Ok(iam.mfa_device(cx, input)),
            ops::get_mfa_device,
        )
        .on(
            wire_ops::ListVirtualMFADevices,
            iam,
            |_, _, _| Ok(Access::to_any("iam:ListVirtualMFADevices")),
            ops::list_virtual_mfa_devices,
        )
        .on(
            wire_ops::TagMFADevice,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(cx, "iam:TagMFADevice", &input.serial_number)
                    .tags(Some(&input.tags))
                    .into())
            },
            ops::tag_mfa_device,
        )
        .on(
            wire_ops::UntagMFADevice,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(cx, "iam:UntagMFADevice", &input.serial_number)
                    .tag_keys(&input.tag_keys)
                    .into())
            },
            ops::untag_mfa_device,
        )
        .on(
            wire_ops::ListMFADeviceTags,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:ListMFADeviceTags", &input.serial_number).into())
            },
            ops::list_mfa_device_tags,
        )
}

/// See the module.
pub fn certificates_and_keys(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::UploadSigningCertificate,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:UploadSigningCertificate", input.user_name.as_deref())
            },
            ops::upload_signing_certificate,
        )
        .on(
            wire_ops::ListSigningCertificates,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:ListSigningCertificates", input.user_name.as_deref())
            },
            ops::list_signing_certificates,
        )
        .on(
            wire_ops::UpdateSigningCertificate,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:UpdateSigningCertificate", input.user_name.as_deref())
            },
            ops::update_signing_certificate,
        )
        .on(
            wire_ops::DeleteSigningCertificate,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:DeleteSigningCertificate", input.user_name.as_deref())
            },
            ops::delete_signing_certificate,
        )
        .on(
            wire_ops::UploadSSHPublicKey,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:UploadSSHPublicKey", &input.user_name).into())
            },
            ops::upload_ssh_public_key,
        )
        .on(
            wire_ops::GetSSHPublicKey,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:GetSSHPublicKey", &input.user_name).into())
            },
            ops::get_ssh_public_key,
        )
        .on(
            wire_ops::ListSSHPublicKeys,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:ListSSHPublicKeys", input.user_name.as_deref())
            },
            ops::list_ssh_public_keys,
        )
        .on(
            wire_ops::UpdateSSHPublicKey,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:UpdateSSHPublicKey", &input.user_name).into())
            },
            ops::update_ssh_public_key,
        )
        .on(
            wire_ops::DeleteSSHPublicKey,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:DeleteSSHPublicKey", &input.user_name).into())
            },
            ops::delete_ssh_public_key,
        )
        .on(
            wire_ops::CreateServiceSpecificCredential,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<UserRecord>(
                        cx,
                        "iam:CreateServiceSpecificCredential",
                        &input.user_name,
                    )
                    .into())
            },
            ops::create_service_specific_credential,
        )
        .on(
            wire_ops::ListServiceSpecificCredentials,
            iam,
            |iam, cx, input| iam.service_credentials(cx, input),
            ops::list_service_specific_credentials,
        )
        .on(
            wire_ops::UpdateServiceSpecificCredential,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(
                    cx,
                    "iam:UpdateServiceSpecificCredential",
                    input.user_name.as_deref(),
                )
            },
            ops::update_service_specific_credential,
        )
        .on(
            wire_ops::ResetServiceSpecificCredential,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(
                    cx,
                    "iam:ResetServiceSpecificCredential",
                    input.user_name.as_deref(),
                )
            },
            ops::reset_service_specific_credential,
        )
        .on(
            wire_ops::DeleteServiceSpecificCredential,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(
                    cx,
                    "iam:DeleteServiceSpecificCredential",
                    input.user_name.as_deref(),
                )
            },
            ops::delete_service_specific_credential,
        )
}

impl Iam {
    /// Without a permission, if the account lets all users change their own password. Others than users have none.
    fn change_password(&self, cx: &CallCx) -> Access {
        let row = self.store.get(&ACCOUNTS, &cx.account).ok().flatten();
        let policy = row.and_then(|row| row.password_policy);
        match &cx.caller.principal {
            Principal::User { name } if policy.is_none_or(|policy| !policy.users_may_change) => {
                self.named::<UserRecord>(cx, "iam:ChangePassword", name).into()
            }
            _ => Access::open(),
        }
    }

    /// On the user whose the device is.
    fn mfa_device(&self, cx: &CallCx, input: &wire_iam::GetMFADeviceRequest) -> Access {
        let action = "iam:GetMFADevice";
        let named = input.user_name.clone();
        let owner = || {
            let name = input.serial_number.rsplit('/').next().unwrap_or_default();
            let device = self.store.get(&MFA_DEVICES, &key(cx.account, name)).ok().flatten();
            device.and_then(|device| device.assigned).map(|assigned| assigned.user)
        };
        let user = named.or_else(owner).unwrap_or_else(|| "*".to_string());
        self.named::<UserRecord>(cx, action, &user).into()
    }

    /// On a user, on the caller, or on all users.
    fn service_credentials(
        &self,
        cx: &CallCx,
        input: &wire_iam::ListServiceSpecificCredentialsRequest,
    ) -> Result<Access, wire::Error> {
        let action = "iam:ListServiceSpecificCredentials";
        match (input.all_users, &input.user_name) {
            (Some(true), None) => Ok(self.named::<UserRecord>(cx, action, "*").into()),
            (_, name) => self.user_or_caller(cx, action, name.as_deref()),
        }
    }
}
