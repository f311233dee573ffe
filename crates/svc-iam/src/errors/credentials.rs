//! Passwords, MFA devices, keys and certificates of users, roles of services, reports.

use super::*;

/// reports
pub fn login_profile_exists(user: &str) -> Error {
    already_exists(format!("Login Profile for user {user} already exists."))
}

/// reports
pub fn no_such_login_profile(user: &str) -> Error {
    no_such_entity(format!("Login Profile for User {user} cannot be found."))
}

/// The profile was made anew while a password was hashed.
/// reports
pub fn login_profile_changed(user: &str) -> Error {
    temporarily_unmodifiable(format!(
        "Login Profile for User {user} cannot be modified while login profile is being created."
    ))
}

/// The account's rules refuse a password.
pub fn bad_password(message: String) -> Error {
    password_policy_violation(message)
}

/// `PasswordReusePrevention`.
/// guess
pub fn password_reused() -> Error {
    password_policy_violation(
        "Policy constraint violation with password reuse prevention during password change.",
    )
}

/// A profile without a password is for the root users of organizations' members.
/// guess
pub fn password_missing() -> Error {
    validation(
        "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null",
    )
}

/// Root users and roles have no password here.
/// guess
pub fn only_users_change_passwords() -> Error {
    invalid_user_type("Only IAM Users can change their own password")
}

/// `ChangePassword` with a wrong `OldPassword`.
/// guess
pub fn wrong_password() -> Error {
    Error::Fault(wire::Error::access_denied("The old password was incorrect."))
}

/// The account has the rules that all have.
/// reports
pub fn no_such_password_policy(account: base::AccountId) -> Error {
    no_such_entity(format!("The Password Policy with domain name {account} cannot be found."))
}

/// As [`no_such_password_policy`], but of `DeleteAccountPasswordPolicy`.
/// reports
pub fn no_password_policy_to_delete() -> Error {
    no_such_entity("The account policy with name PasswordPolicy cannot be found.")
}

/// A device of that name is there already.
/// reports
pub fn mfa_device_exists() -> Error {
    already_exists("MFADevice entity at the same path and name already exists.")
}

/// No such device of the account.
/// reports
pub fn no_such_mfa_device(serial: &str) -> Error {
    no_such_entity(format!("VirtualMFADevice with serial number {serial} doesn't exist."))
}

/// The device is not that user's.
/// guess
pub fn mfa_device_of_another() -> Error {
    no_such_entity("MFA Device invalid for user.")
}

/// The device is some user's already.
/// guess
pub fn mfa_device_in_use(serial: &str) -> Error {
    already_exists(format!("The MFA device with serial number {serial} is already in use."))
}

/// A device is deactivated before it is deleted.
/// guess
pub fn mfa_device_assigned() -> Error {
    delete_conflict("Cannot delete entity, must deactivate MFA device first.")
}

/// Two codes that do not follow each other, or are another device's.
/// reports
pub fn wrong_code() -> Error {
    invalid_authentication_code("Authentication code for device is not valid.")
}

/// No such signing certificate of the user.
/// reports
pub fn no_such_signing_certificate(id: &str) -> Error {
    no_such_entity(format!("The Certificate with id {id} cannot be found."))
}

/// The same body is there already.
/// guess
pub fn certificate_uploaded() -> Error {
    duplicate_certificate("The certificate already exists in your account.")
}

/// reports
pub fn bad_certificate() -> Error {
    malformed_certificate(
        "Unable to parse certificate. Please ensure the certificate is in PEM format.",
    )
}

/// `index` of the chain, from 0.
/// reports
pub fn broken_chain(index: usize) -> Error {
    malformed_certificate(format!(
        "Unable to validate certificate chain. The certificate chain must start with the immediate signing \
         certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate \
         is: {index}"
    ))
}

/// A private key that cannot be read.
/// guess
pub fn bad_private_key() -> Error {
    malformed_certificate(
        "Unable to parse private key. Please ensure the private key is in PEM format.",
    )
}

/// A private key that needs a password.
/// guess
pub fn encrypted_private_key() -> Error {
    malformed_certificate("The private key must be unencrypted.")
}

/// Another certificate's private key.
/// guess
pub fn key_of_another_certificate() -> Error {
    key_pair_mismatch("Private key and certificate do not match.")
}

/// No such SSH key of the user.
/// guess
pub fn no_such_ssh_key(id: &str) -> Error {
    no_such_entity(format!("The SSH Public Key with id {id} cannot be found."))
}

/// Neither `ssh-rsa` nor PEM.
/// guess
pub fn bad_ssh_encoding() -> Error {
    unrecognized_public_key("The public key must be encoded in ssh-rsa format or PEM format.")
}

/// No RSA key of 2,048 bits or more.
/// guess
pub fn bad_ssh_key() -> Error {
    invalid_public_key("The public key is not a valid RSA key of at least 2048 bits.")
}

/// The same key is the user's already.
/// guess
pub fn ssh_key_uploaded() -> Error {
    duplicate_ssh_key("The SSH public key is already associated with the user.")
}

/// recorded
pub fn no_such_service_for_credentials(service: &str) -> Error {
    no_such_entity(format!(
        "No such service {service} is supported for Service Specific Credentials"
    ))
}

/// recorded
pub fn no_such_service_credential(id: &str) -> Error {
    no_such_entity(format!("No such credential {id} exists"))
}

/// recorded: keys and passwords for other services.
pub fn referenced_objects() -> Error {
    delete_first("remove referenced objects")
}

/// recorded
pub fn suffix_not_allowed(service: &str) -> Error {
    invalid_input(format!("Custom suffix is not allowed for {service}"))
}

/// reports
pub fn service_role_taken(role: &str) -> Error {
    invalid_input(format!(
        "Service role name {role} has been taken in this account, please try a different suffix."
    ))
}

/// No service that is known to have a role of its own.
/// guess
pub fn no_role_for_service(service: &str) -> Error {
    invalid_input(format!("Service name {service} is not supported for service-linked roles"))
}

/// `DeleteServiceLinkedRole` of a role that is the account's own.
/// guess
pub fn not_service_linked(role: &str) -> Error {
    invalid_input(format!("Role {role} is not a service-linked role"))
}

/// No such deletion.
/// guess
pub fn no_such_deletion(task: &str) -> Error {
    no_such_entity(format!("Deletion task {task} cannot be found."))
}

/// `GenerateCredentialReport` comes first.
/// guess
pub fn no_credential_report() -> Error {
    report_not_present("No report exists. Call GenerateCredentialReport first.")
}

/// The report is older than a day.
/// guess
pub fn credential_report_expired() -> Error {
    report_expired("The report has expired. Call GenerateCredentialReport to make a new one.")
}

/// No such report of last accesses.
/// guess
pub fn no_such_access_report(id: &str) -> Error {
    no_such_entity(format!("JobId {id} cannot be found."))
}

/// Reports are about users, groups, roles and policies.
/// guess
pub fn no_such_arn(arn: &str) -> Error {
    no_such_entity(format!("ARN {arn} cannot be found."))
}
