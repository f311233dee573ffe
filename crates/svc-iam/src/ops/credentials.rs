//! What operations on the passwords, keys and certificates of users share.

use crate::errors::{self, Error};
use crate::limits;
use crate::ops::{mfa_devices, users};
use crate::tables::{
    CredentialsRecord, Named, ServiceCredentialRecord, SigningCertificateRecord, SshKeyRecord,
    USER_CREDENTIALS, UserRecord, key, time,
};
use base::AccountId;
use store::{Prefix, Tx, View};

/// The user, and what it proves itself with.
pub fn load(
    view: &View<'_>,
    account: AccountId,
    name: &str,
) -> Result<(UserRecord, CredentialsRecord), Error> {
    let user = UserRecord::load(view, account, name)?;
    let credentials = view.get(&USER_CREDENTIALS, &key(account, name))?;
    Ok((user, credentials.unwrap_or_default()))
}

/// Writes what a user proves itself with.
pub fn save(
    tx: &mut Tx<'_>,
    account: AccountId,
    name: &str,
    credentials: &CredentialsRecord,
) -> Result<(), Error> {
    Ok(tx.put(&USER_CREDENTIALS, &key(account, name), credentials)?)
}

/// Removes the row of a user that is about to be deleted; refused while the user has credentials.
pub fn delete(tx: &mut Tx<'_>, account: AccountId, name: &str) -> Result<(), Error> {
    let (_, credentials) = load(tx, account, name)?;
    if credentials.login.is_some() {
        return Err(errors::delete_first("delete login profile"));
    }
    if !credentials.mfa_devices.is_empty() {
        return Err(errors::delete_first("delete MFA device"));
    }
    if !credentials.signing_certificates.is_empty() {
        return Err(errors::delete_first("delete signing certificates"));
    }
    if !credentials.ssh_keys.is_empty() || !credentials.service_credentials.is_empty() {
        return Err(errors::referenced_objects());
    }
    Ok(tx.delete(&USER_CREDENTIALS, &key(account, name))?)
}

/// Moves the row of a user that has got another name, and its devices with it.
pub fn rename(tx: &mut Tx<'_>, account: AccountId, old: &str, new: &str) -> Result<(), Error> {
    let (old, new) = (key(account, old), key(account, new));
    let Some(credentials) = tx.get(&USER_CREDENTIALS, &old)? else { return Ok(()) };
    for serial in &credentials.mfa_devices {
        let mut device = mfa_devices::load(tx, account, serial)?;
        if let Some(assigned) = &mut device.assigned {
            assigned.user.clone_from(&new.1);
        }
        mfa_devices::save(tx, account, &device)?;
    }
    tx.delete(&USER_CREDENTIALS, &old)?;
    Ok(tx.put(&USER_CREDENTIALS, &new, &credentials)?)
}

/// The users of an account that have had credentials, with these.
pub fn all(
    view: &View<'_>,
    account: AccountId,
) -> Result<Vec<(UserRecord, CredentialsRecord)>, Error> {
    let rows = view.scan(&USER_CREDENTIALS, Prefix::of((account,)), limits::USERS_PER_ACCOUNT)?;
    let owner =
        |((_, user), row): ((_, String), _)| Ok((UserRecord::load(view, account, &user)?, row));
    rows.into_iter().map(owner).collect()
}

/// Services that take a name and a password of their own. Recorded.
pub fn check_service(service: &str) -> Result<(), Error> {
    match service {
        "cassandra.amazonaws.com" | "codecommit.amazonaws.com" => Ok(()),
        // It takes keys that expire, which nothing here would accept.
        "bedrock.amazonaws.com" => Err(keys_not_built().into()),
        _ => Err(errors::no_such_service_for_credentials(service)),
    }
}

/// Keys of Amazon Bedrock.
pub fn keys_not_built() -> wire::Error {
    wire::Error::not_implemented(
        &wire_iam::SERVICE,
        "CreateServiceSpecificCredential for Amazon Bedrock",
    )
}

/// As AWS's shape.
pub fn signing_certificate(
    user: &str,
    row: &SigningCertificateRecord,
) -> wire_iam::SigningCertificate {
    wire_iam::SigningCertificate {
        user_name: user.to_string(),
        certificate_id: row.id.clone(),
        certificate_body: row.body.clone(),
        status: users::status(row.active),
        upload_date: Some(time(row.uploaded_ms).into()),
    }
}

/// As AWS's shape.
pub fn ssh_key(user: &str, row: &SshKeyRecord) -> wire_iam::SSHPublicKey {
    wire_iam::SSHPublicKey {
        user_name: user.to_string(),
        ssh_public_key_id: row.id.clone(),
        fingerprint: row.fingerprint.clone(),
        ssh_public_key_body: row.body.clone(),
        status: users::status(row.active),
        upload_date: Some(time(row.uploaded_ms).into()),
    }
}

/// As AWS's shape, without the password.
pub fn service_credential(
    user: &str,
    row: &ServiceCredentialRecord,
) -> wire_iam::ServiceSpecificCredential {
    wire_iam::ServiceSpecificCredential {
        create_date: time(row.created_ms).into(),
        service_name: row.service.clone(),
        service_user_name: Some(row.name.clone()),
        service_specific_credential_id: row.id.clone(),
        user_name: user.to_string(),
        status: users::status(row.active),
        ..wire_iam::ServiceSpecificCredential::default()
    }
}

/// As lists show it.
pub fn service_metadata(
    user: &str,
    row: &ServiceCredentialRecord,
) -> wire_iam::ServiceSpecificCredentialMetadata {
    wire_iam::ServiceSpecificCredentialMetadata {
        user_name: user.to_string(),
        status: users::status(row.active),
        service_user_name: Some(row.name.clone()),
        create_date: time(row.created_ms).into(),
        service_specific_credential_id: row.id.clone(),
        service_name: row.service.clone(),
        ..wire_iam::ServiceSpecificCredentialMetadata::default()
    }
}
