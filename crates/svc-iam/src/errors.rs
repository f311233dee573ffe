//! AWS's faults with AWS's texts.
//!
//! Each says where its text was seen: `recorded` in answers of AWS, `docs` in its documentation, `reports` in what users
//! quote in public, `guess` nowhere.

mod credentials;
mod providers;

pub use credentials::*;
pub use providers::*;

use crate::limits;
use wire_iam as wire_shapes;

/// What an operation's transaction fails with.
#[derive(Debug)]
pub enum Error {
    /// For the caller.
    Fault(wire::Error),
    /// For the log.
    Store(store::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Error::Store(error)
    }
}

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Self {
        Error::Fault(error)
    }
}

impl From<policy::Malformed> for Error {
    fn from(error: policy::Malformed) -> Self {
        malformed_policy_document(error.0)
    }
}

impl From<Error> for wire::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Fault(error) => error,
            Error::Store(error) => wire::Error::internal(error),
        }
    }
}

impl From<Error> for seams::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Fault(error) => {
                let service = &wire_iam::SERVICE;
                let protocol = wire::Protocol::AwsQuery;
                let (code, status) =
                    (error.code(service, protocol), error.status(service, protocol));
                seams::Error::new(status, code, error.message())
            }
            Error::Store(error) => seams::Error::internal(error.to_string()),
        }
    }
}

macro_rules! fault {
    ($(#[$meta:meta])* $name:ident $shape:ident) => {
        $(#[$meta])*
        fn $name(message: impl Into<String>) -> Error {
            let message = Some(message.into());
            Error::Fault(wire_shapes::$shape { message }.into())
        }
    };
}

fault!(no_such_entity NoSuchEntityException);
fault!(already_exists EntityAlreadyExistsException);
fault!(delete_conflict DeleteConflictException);
fault!(limit_exceeded LimitExceededException);
fault!(invalid_input InvalidInputException);
fault!(malformed MalformedPolicyDocumentException);
fault!(unmodifiable UnmodifiableEntityException);
fault!(temporarily_unmodifiable EntityTemporarilyUnmodifiableException);
fault!(password_policy_violation PasswordPolicyViolationException);
fault!(invalid_user_type InvalidUserTypeException);
fault!(invalid_authentication_code InvalidAuthenticationCodeException);
fault!(malformed_certificate MalformedCertificateException);
fault!(key_pair_mismatch KeyPairMismatchException);
fault!(duplicate_certificate DuplicateCertificateException);
fault!(invalid_public_key InvalidPublicKeyException);
fault!(unrecognized_public_key UnrecognizedPublicKeyEncodingException);
fault!(duplicate_ssh_key DuplicateSSHPublicKeyException);
fault!(report_not_present CredentialReportNotPresentException);
fault!(report_expired CredentialReportExpiredException);
fault!(feature_enabled FeatureEnabledException);
fault!(feature_disabled FeatureDisabledException);

/// A secret that the root key does not open; for the log.
pub fn unreadable_secret(access_key_id: &str) -> Error {
    let cause = format!("the secret of {access_key_id} was sealed under another root key");
    Error::Fault(wire::Error::internal(cause))
}

fn validation(message: impl Into<String>) -> Error {
    Error::Fault(wire::Error::validation(message))
}

/// How AWS spells a noun at the beginning of a sentence.
fn capital(noun: &str) -> &str {
    match noun {
        "user" => "User",
        "group" => "Group",
        "role" => "Role",
        "instance-profile" => "Instance Profile",
        "server-certificate" => "Server Certificate",
        _ => "Policy",
    }
}

/// recorded for users, reports for the others
pub fn no_such_name(noun: &str, name: &str) -> Error {
    match noun {
        "instance-profile" => no_such_entity(format!("Instance Profile {name} cannot be found.")),
        "server-certificate" => {
            no_such_entity(format!("The Server Certificate with name {name} cannot be found."))
        }
        _ => no_such_entity(format!("The {noun} with name {name} cannot be found.")),
    }
}

/// A user, group, role, policy or instance profile of that name is there already.
/// reports
pub fn name_taken(noun: &str, name: &str) -> Error {
    already_exists(match noun {
        "policy" => {
            format!("A policy called {name} already exists. Duplicate names are not allowed.")
        }
        "instance-profile" => format!("Instance Profile {name} already exists."),
        "server-certificate" => format!("The Server Certificate with name {name} already exists."),
        _ => format!("{} with name {name} already exists.", capital(noun)),
    })
}

/// recorded
pub fn no_such_policy(arn: &str) -> Error {
    no_such_entity(format!("Policy {arn} was not found."))
}

/// recorded
pub fn policy_not_attachable(arn: &str) -> Error {
    no_such_entity(format!("Policy {arn} does not exist or is not attachable."))
}

/// Nobody changes AWS's own policies. The text is the one that users quote; it says `policy` before the ARN.
/// reports
pub fn aws_policy(caller_arn: &str, action: &str, arn: &str) -> Error {
    let resource = format!("policy {arn}");
    Error::Fault(wire::Error::access_denied(policy::unexplained(
        caller_arn,
        action,
        Some(&resource),
    )))
}

/// No such version.
/// reports
pub fn no_such_policy_version(arn: &str, version: &str) -> Error {
    no_such_entity(format!("Policy {arn} version {version} does not exist or is not attachable."))
}

/// No such inline policy.
/// reports
pub fn no_such_inline_policy(noun: &str, policy: &str) -> Error {
    no_such_entity(format!("The {noun} policy with name {policy} cannot be found."))
}

/// No such access key of that user.
/// reports
pub fn no_such_access_key(access_key_id: &str) -> Error {
    no_such_entity(format!("The Access Key with id {access_key_id} cannot be found."))
}

/// No such alias of the account.
/// guess
pub fn no_such_alias(alias: &str) -> Error {
    no_such_entity(format!("The account alias {alias} cannot be found."))
}

/// The user is in no such group.
/// guess
pub fn not_in_group(user: &str, group: &str) -> Error {
    no_such_entity(format!("User {user} is not in group {group}."))
}

/// The role is not in that instance profile.
/// guess
pub fn role_not_in_instance_profile(role: &str) -> Error {
    no_such_entity(format!("The role with name {role} cannot be found."))
}

/// recorded; two spaces included.
pub fn unparsable_arn() -> Error {
    validation("Invalid ARN:  Could not be parsed!")
}

/// An ARN that is one, but not of a policy.
/// reports
pub fn invalid_arn(arn: &str) -> Error {
    validation(format!("ARN {arn} is not valid."))
}

/// A marker that no answer held.
/// guess
pub fn invalid_marker() -> Error {
    validation("Invalid Marker.")
}

/// `UserName` was left out and the caller is no user.
/// reports
pub fn user_name_missing() -> Error {
    validation("Must specify userName when calling with non-User credentials")
}

/// The policy's document is refused.
pub fn malformed_policy_document(message: impl Into<String>) -> Error {
    malformed(message)
}

/// A trust policy names somebody who is not there.
/// reports
pub fn invalid_principal(arn: &str) -> Error {
    malformed(format!("Invalid principal in policy: \"AWS\":\"{arn}\""))
}

/// The inline policies of an entity are too large together.
/// reports
pub fn inline_policies_too_large(noun: &str, name: &str, max: usize) -> Error {
    limit_exceeded(format!("Maximum policy size of {max} bytes exceeded for {noun} {name}"))
}

/// A quota of AWS by its name.
/// reports
pub fn quota(name: &str, max: usize) -> Error {
    limit_exceeded(format!("Cannot exceed quota for {name}: {max}"))
}

/// A fifth version is there already.
/// reports
pub fn too_many_policy_versions() -> Error {
    limit_exceeded(format!(
        "A managed policy can have up to {} versions. Before you create a new version, you must delete an existing \
         version.",
        limits::VERSIONS_PER_POLICY
    ))
}

/// More tags than an entity can have.
/// guess
pub fn too_many_tags() -> Error {
    limit_exceeded("The number of tags has reached the maximum limit.")
}

/// reports; recorded of STS, with another code
pub fn duplicate_tag_keys() -> Error {
    invalid_input("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

/// `what` completes the sentence: `delete policies`.
/// reports
pub fn delete_first(what: &str) -> Error {
    delete_conflict(format!("Cannot delete entity, must {what} first."))
}

/// The policy is in use.
/// reports
pub fn policy_attached() -> Error {
    delete_conflict("Cannot delete a policy attached to entities.")
}

/// The policy has versions besides the default.
/// reports
pub fn policy_has_versions() -> Error {
    delete_conflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
         The default version is deleted with the policy.",
    )
}

/// The default version stays as long as the policy.
/// reports
pub fn policy_version_is_default() -> Error {
    delete_conflict("Cannot delete the default version of a policy.")
}

/// Roles of services are theirs.
/// reports
pub fn protected_role(name: &str) -> Error {
    unmodifiable(format!(
        "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    ))
}

/// Paths of customers do not begin as those of services do.
/// guess
pub fn reserved_path(noun: &str) -> Error {
    validation(format!("The {noun} path must not begin with /aws-service-role/"))
}

/// An alias of another account, or this account's own.
/// reports
pub fn alias_taken(alias: &str) -> Error {
    already_exists(format!("The account alias {alias} already exists."))
}
