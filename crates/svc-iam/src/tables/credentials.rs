//! What users prove themselves with, besides access keys.

use super::NameKey;
use crate::model::password::PasswordPolicy;
use base::AccountId;
use serde::{Deserialize, Serialize};
use store::table;

table! {
    /// Passwords, certificates, keys and devices of a user: one row per user that has had any.
    pub USER_CREDENTIALS: NameKey => CredentialsRecord, name = "iam.user_credentials", version = 1;
    /// One row per virtual MFA device.
    pub MFA_DEVICES: NameKey => MfaDeviceRecord, name = "iam.mfa_devices", version = 1;
    /// Whose an issuer of outbound tokens is, by the issuer's id.
    pub OUTBOUND_ISSUERS: String => OutboundIssuerRecord, name = "iam.outbound_issuers", version = 1;
    /// What an account has set for itself.
    pub ACCOUNTS: AccountId => AccountRecord, name = "iam.accounts", version = 1;
}

/// A user's credentials, each kind in the order in which they were made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CredentialsRecord {
    /// The password.
    pub login: Option<LoginRecord>,
    /// The ARNs of the MFA devices. Bound: 8.
    pub mfa_devices: Vec<String>,
    /// X.509 certificates. Bound: 2.
    pub signing_certificates: Vec<SigningCertificateRecord>,
    /// SSH public keys. Bound: 5.
    pub ssh_keys: Vec<SshKeyRecord>,
    /// Names and passwords for single services. Bound: 2 per service.
    pub service_credentials: Vec<ServiceCredentialRecord>,
}

/// A password, of which only a slow hash is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoginRecord {
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
    /// When the password was last set, in milliseconds since the epoch.
    pub changed_ms: u64,
    /// Whether the user must set another at the next sign-in.
    pub reset_required: bool,
    /// Random; the same for all passwords of this profile, so that former ones can be recognized with one computation.
    pub salt: String,
    /// The hash of the password, in hexadecimal digits, then those of former ones, newest first. Bound: 25.
    pub hashes: Vec<String>,
}

/// An X.509 certificate of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SigningCertificateRecord {
    /// 32 characters.
    pub id: String,
    /// As it was uploaded: PEM.
    pub body: String,
    /// Whether it may be used.
    pub active: bool,
    /// When it was uploaded, in milliseconds since the epoch.
    pub uploaded_ms: u64,
}

/// An SSH public key of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SshKeyRecord {
    /// `APKA…`.
    pub id: String,
    /// As it was uploaded.
    pub body: String,
    /// MD5, as AWS shows it.
    pub fingerprint: String,
    /// Whether it may be used.
    pub active: bool,
    /// When it was uploaded, in milliseconds since the epoch.
    pub uploaded_ms: u64,
}

/// A name and password for one service. The password is shown once and not kept: no service here asks for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServiceCredentialRecord {
    /// `ACCA…`.
    pub id: String,
    /// Such as `codecommit.amazonaws.com`.
    pub service: String,
    /// Such as `ann-at-123456789012`.
    pub name: String,
    /// Whether it may be used.
    pub active: bool,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
}

/// A virtual MFA device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MfaDeviceRecord {
    /// As it was written.
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// The seed, sealed under the cloud's root key for the device's ARN, in base64.
    pub sealed_seed: String,
    /// Whose it is.
    pub assigned: Option<AssignmentRecord>,
    /// Its tags.
    pub tags: super::Tags,
}

/// That a device belongs to a user, and what is known of its clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssignmentRecord {
    /// The key of the user's row.
    pub user: String,
    /// Since when, in milliseconds since the epoch.
    pub enabled_ms: u64,
    /// How many steps of 30 seconds its clock is ahead.
    pub drift_steps: i64,
    /// The step of the newest code that was accepted.
    pub last_step: u64,
}

/// What an account has set for itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AccountRecord {
    /// The rules for passwords, if the account has any of its own.
    pub password_policy: Option<PasswordPolicy>,
    /// Whether tokens of the global endpoint are to be valid in all regions. They always are here.
    pub token_version_2: bool,
    /// Its issuer of outbound tokens, if it ever had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<OutboundRecord>,
}

/// An account's issuer of outbound tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OutboundRecord {
    /// A UUID, part of the issuer's host name.
    pub id: String,
    /// Whether tokens are made.
    pub enabled: bool,
}

/// Whose an issuer is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OutboundIssuerRecord {
    /// 12 digits.
    pub account: String,
}
