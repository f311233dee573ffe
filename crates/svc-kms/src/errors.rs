//! AWS's faults with AWS's texts. "Recorded" ones are from recordings of AWS; the others are texts that users quote in
//! public reports or, where the comment says so, our own wording below AWS's code.

mod importing;

pub use importing::*;

use wire::Common;
use wire_kms as shapes;

/// What an operation or its transaction fails with.
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
            Error::Fault(error) => seam(&error),
            Error::Store(error) => seams::Error::internal(error.to_string()),
        }
    }
}

/// As another service sees it.
pub fn seam(error: &wire::Error) -> seams::Error {
    if let Some(cause) = error.internal_cause() {
        return seams::Error::internal(cause.to_string());
    }
    let (service, protocol) = (&wire_kms::SERVICE, wire::Protocol::AwsJson);
    seams::Error::new(
        error.status(service, protocol),
        error.code(service, protocol),
        error.message(),
    )
}

macro_rules! faults {
    ($($name:ident $shape:ident)*) => {$(
        fn $name(message: impl Into<String>) -> Error {
            let message = message.into();
            // Recorded: some faults have no message at all.
            let message = (!message.is_empty()).then_some(message);
            Error::Fault(shapes::$shape { message }.into())
        }
    )*};
}

faults! {
    already_exists AlreadyExistsException
    disabled_fault DisabledException
    dry_run_fault DryRunOperationException
    expired_import_token_fault ExpiredImportTokenException
    incorrect_key_fault IncorrectKeyException
    incorrect_key_material_fault IncorrectKeyMaterialException
    invalid_ciphertext_fault InvalidCiphertextException
    invalid_grant_id_fault InvalidGrantIdException
    invalid_grant_token_fault InvalidGrantTokenException
    invalid_import_token_fault InvalidImportTokenException
    invalid_key_usage InvalidKeyUsageException
    invalid_mac_fault KMSInvalidMacException
    invalid_marker_fault InvalidMarkerException
    invalid_signature_fault KMSInvalidSignatureException
    invalid_state KMSInvalidStateException
    limit_exceeded LimitExceededException
    malformed_policy MalformedPolicyDocumentException
    not_found NotFoundException
    tag_fault TagException
    unsupported UnsupportedOperationException
}

fn validation(message: impl Into<String>) -> Error {
    Error::Fault(wire::Error::validation(message))
}

/// Recorded.
pub fn invalid_key_id(text: &str) -> Error {
    not_found(format!("Invalid keyId '{text}'"))
}

/// The ARN is one of another region.
pub fn invalid_arn(region: &str) -> Error {
    not_found(format!("Invalid arn {region}"))
}

/// Recorded.
pub fn no_such_key(arn: &str) -> Error {
    not_found(format!("Key '{arn}' does not exist"))
}

/// From users' reports.
pub fn no_such_alias(arn: &str) -> Error {
    not_found(format!("Alias {arn} is not found."))
}

/// From users' reports.
pub fn alias_exists(arn: &str) -> Error {
    already_exists(format!("An alias with the name {arn} already exists"))
}

/// Recorded.
pub fn alias_prefix() -> Error {
    validation(
        "Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    )
}

/// Aliases of AWS's own keys.
pub fn reserved_alias() -> Error {
    Error::Fault(wire::Error::other(400, "NotAuthorizedException", ""))
}

/// Our own wording.
pub fn alias_of_other_kind() -> Error {
    validation(
        "The current and new KMS keys of an alias must be the same type and have the same key usage.",
    )
}

/// Recorded.
pub fn disabled(arn: &str) -> Error {
    disabled_fault(format!("{arn} is disabled."))
}

/// As the recorded ones of the other states.
pub fn pending_deletion(arn: &str) -> Error {
    invalid_state(format!("{arn} is pending deletion."))
}

/// From users' reports.
pub fn not_pending_deletion(arn: &str) -> Error {
    invalid_state(format!("{arn} is not pending deletion."))
}

/// Recorded.
pub fn pending_import(arn: &str) -> Error {
    invalid_state(format!("{arn} is pending import."))
}

/// Recorded.
pub fn usage_not_specified() -> Error {
    validation(
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    )
}

/// From users' reports.
pub fn usage_not_compatible(usage: &str, spec: &str) -> Error {
    validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}"))
}

/// Our own wording.
pub fn two_specs() -> Error {
    validation("You cannot specify KeySpec and CustomerMasterKeySpec in the same request.")
}

/// From users' reports.
pub fn usage_not_valid(arn: &str, usage: &str, operation: &str) -> Error {
    invalid_key_usage(format!("{arn} key usage is {usage} which is not valid for {operation}."))
}

/// From users' reports.
pub fn algorithm_incompatible(algorithm: &str, spec: &str) -> Error {
    invalid_key_usage(format!("Algorithm {algorithm} is incompatible with key spec {spec}."))
}

/// Recorded: without a text.
pub fn unsupported_operation() -> Error {
    unsupported("")
}

/// Recorded.
pub fn plaintext_too_long(algorithm: &str, spec: &str, bytes_max: usize) -> Error {
    validation(format!(
        "Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {bytes_max} bytes."
    ))
}

/// Recorded: without a text.
pub fn invalid_ciphertext() -> Error {
    invalid_ciphertext_fault("")
}

/// Recorded.
pub fn incorrect_key() -> Error {
    incorrect_key_fault(
        "The key ID in the request does not identify a CMK that can perform this operation.",
    )
}

/// From users' reports: what `Decrypt` says of keys that the caller is not to know of.
pub fn inaccessible_ciphertext() -> Error {
    Error::Fault(wire::Error::access_denied(
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
    ))
}

/// Recorded: without a text.
pub fn invalid_signature() -> Error {
    invalid_signature_fault("")
}

/// As for signatures.
pub fn invalid_mac() -> Error {
    invalid_mac_fault("")
}

/// Recorded.
pub fn digest_length(algorithm: &str) -> Error {
    validation(format!("Digest is invalid length for algorithm {algorithm}."))
}

/// Our own wording.
pub fn message_type(algorithm: &str, message_type: &str) -> Error {
    validation(format!("MessageType {message_type} is not valid for algorithm {algorithm}."))
}

/// Recorded.
pub fn dry_run() -> Error {
    dry_run_fault("The request would have succeeded, but the DryRun option is set.")
}

/// Recorded.
pub fn bytes_required() -> Error {
    validation("NumberOfBytes is required.")
}

/// From users' reports.
pub fn data_key_size() -> Error {
    validation("Please specify either number of bytes or key spec.")
}

/// Our own wording.
pub fn context_too_long() -> Error {
    validation("The encryption context is too large.")
}

/// Our own wording.
pub fn context_not_supported() -> Error {
    validation("An encryption context is valid for symmetric encryption keys only.")
}

/// Our own wording.
pub fn key_id_required() -> Error {
    validation("KeyId is required for ciphertexts of asymmetric keys.")
}

/// Our own wording.
pub fn ciphertext_required() -> Error {
    validation("CiphertextBlob is required.")
}

/// Recorded.
pub fn reserved_tag() -> Error {
    tag_fault("Tags beginning with aws: are reserved")
}

/// Our own wording.
pub fn duplicate_tag() -> Error {
    tag_fault("Duplicate tag keys")
}

/// Our own wording.
pub fn too_many_tags(max: usize) -> Error {
    limit_exceeded(format!("A KMS key can have at most {max} tags."))
}

/// Our own wording.
pub fn too_many(what: &str, max: usize) -> Error {
    limit_exceeded(format!("The limit of {max} {what} has been reached."))
}

/// Recorded.
pub fn on_demand_rotation_limit(arn: &str) -> Error {
    limit_exceeded(format!(
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: {arn}"
    ))
}

/// From users' reports.
pub fn deletion_window() -> Error {
    validation("PendingWindowInDays must be between 7 and 30 (inclusive)")
}

/// The policy is no policy.
pub fn malformed_policy_document(error: policy::Malformed) -> Error {
    malformed_policy(error.0)
}

/// Our own wording.
pub fn policy_too_long(max: usize) -> Error {
    limit_exceeded(format!("The key policy is longer than {max} bytes."))
}

/// From users' reports.
pub fn lock_out() -> Error {
    malformed_policy(
        "The new key policy will not allow you to update the key policy in the future.",
    )
}

/// Our own wording.
pub fn no_such_policy(name: &str) -> Error {
    not_found(format!("No such policy exists: {name}"))
}

/// Our own wording.
pub fn invalid_marker() -> Error {
    invalid_marker_fault("The marker is not valid.")
}

/// Our own wording.
pub fn no_such_grant(grant_id: &str) -> Error {
    not_found(format!("Grant ID {grant_id} not found"))
}

/// Our own wording.
pub fn invalid_grant_id() -> Error {
    invalid_grant_id_fault("The grant ID is not valid.")
}

/// Our own wording.
pub fn invalid_grant_token() -> Error {
    invalid_grant_token_fault("The grant token is not valid.")
}

/// Our own wording.
pub fn invalid_principal(text: &str) -> Error {
    Error::Fault(
        shapes::InvalidArnException {
            message: Some(format!("ARN does not refer to a valid principal: {text}")),
        }
        .into(),
    )
}

/// Our own wording.
pub fn grant_operation(operation: &str, usage: &str) -> Error {
    validation(format!(
        "Grant operation {operation} is not valid for a KMS key with key usage {usage}."
    ))
}

/// Our own wording.
pub fn no_grant_operation() -> Error {
    validation("Operations must name at least one operation.")
}

/// Our own wording.
pub fn retire_grant_arguments() -> Error {
    validation("Specify either a GrantToken, or a KeyId and a GrantId.")
}

/// Recorded.
pub fn not_primary(arn: &str) -> Error {
    unsupported(format!("{arn} is not a multi-region primary key."))
}

/// Our own wording.
pub fn replica_exists(arn: &str) -> Error {
    already_exists(format!("{arn} already exists."))
}

/// Our own wording.
pub fn no_replica(region: &str) -> Error {
    not_found(format!("There is no replica of this key in {region}."))
}

/// Our own wording.
pub fn invalid_region(region: &str) -> Error {
    validation(format!("{region} is not a valid region."))
}

/// A parameter that is on AWS and not built here.
pub fn not_built(what: &str) -> Error {
    let message = format!("KMS: {what} is not implemented; docs/coverage.md lists what is.");
    Error::Fault(wire::Error::common(Common::NotImplemented, message))
}

/// Something that cannot be in the store unless it was damaged.
pub fn broken(what: &str) -> Error {
    Error::Fault(wire::Error::internal(what.to_string()))
}

/// Our own wording.
pub fn public_key_of_other_spec() -> Error {
    validation("PublicKey is not a public key of the KMS key's spec in SubjectPublicKeyInfo form.")
}
