//! Imported material.

use super::*;

/// Recorded.
pub fn origin_not_valid(arn: &str) -> Error {
    unsupported(format!("{arn} origin is AWS_KMS which is not valid for this operation."))
}

/// Our own wording: how material of the key cannot travel.
pub fn wrapping_not_valid(algorithm: &str, wrapping_spec: &str, spec: &str) -> Error {
    unsupported(format!(
        "Wrapping algorithm {algorithm} with wrapping key spec {wrapping_spec} is not valid for key material of key spec {spec}."
    ))
}

/// As for ciphertexts: without a text.
pub fn invalid_import_token() -> Error {
    invalid_import_token_fault("")
}

/// As for ciphertexts: without a text.
pub fn expired_import_token() -> Error {
    expired_import_token_fault("")
}

/// As for ciphertexts: without a text.
pub fn incorrect_key_material() -> Error {
    incorrect_key_material_fault("")
}

/// Recorded.
pub fn valid_to_required() -> Error {
    validation("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
}

/// Our own wording.
pub fn valid_to_not_allowed() -> Error {
    validation(
        "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
}

/// Our own wording.
pub fn valid_to_out_of_range() -> Error {
    validation("The validTo date must be in the future and at most 365 days away.")
}

/// Our own wording.
pub fn import_type_not_valid() -> Error {
    validation("ImportType is valid for symmetric encryption keys only.")
}

/// Recorded.
pub fn material_pending_rotation(new: &str, arn: &str, pending: &str) -> Error {
    invalid_state(format!(
        "New key material (id: {new}) cannot be imported into KMS key {arn}, because another key material (id: {pending}) is pending rotation."
    ))
}

/// Our own wording.
pub fn no_such_material(id: &str, arn: &str) -> Error {
    not_found(format!("Key material (id: {id}) does not exist in KMS key {arn}"))
}
