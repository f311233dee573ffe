//! Identity providers.

use super::*;

/// reports
pub fn no_such_oidc_provider(arn: &str) -> Error {
    no_such_entity(format!("OpenIDConnect Provider not found for arn {arn}"))
}

/// reports
pub fn oidc_provider_exists(url: &str) -> Error {
    already_exists(format!("Provider with url https://{url} already exists."))
}

/// No `https` URL without query, fragment and port.
/// reports
pub fn bad_oidc_url() -> Error {
    validation("Invalid Open ID Connect Provider URL")
}

/// More than five.
/// reports
pub fn too_many_thumbprints() -> Error {
    invalid_input("Thumbprint list must contain fewer than 5 entries.")
}

/// Not forty hexadecimal digits.
/// guess
pub fn bad_thumbprint() -> Error {
    invalid_input("Thumbprint list contains an invalid thumbprint.")
}

/// An ARN of something else.
/// guess
pub fn bad_provider_arn(arn: &str) -> Error {
    invalid_input(format!("Invalid ARN: {arn}"))
}

/// reports
pub fn no_such_saml_provider(arn: &str) -> Error {
    no_such_entity(format!("Manifest not found for arn {arn}"))
}

/// The name is taken.
/// guess
pub fn saml_provider_exists(name: &str) -> Error {
    already_exists(format!("A SAML provider with name {name} already exists."))
}

/// docs: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html>
pub fn bad_saml_metadata() -> Error {
    invalid_input("Could not parse metadata.")
}

/// The metadata is longer than a row.
/// guess
pub fn saml_metadata_too_long() -> Error {
    quota("SAMLMetadataDocumentSize", limits::SAML_METADATA_BYTES_MAX)
}

/// A key that cannot be read.
/// guess
pub fn bad_saml_key() -> Error {
    invalid_input("Could not parse private key.")
}

/// guess: after the documentation of the error
pub fn outbound_federation_enabled() -> Error {
    feature_enabled("Outbound identity federation is already enabled for your AWS account.")
}

/// guess: after the documentation of the error
pub fn outbound_federation_disabled() -> Error {
    feature_disabled("Outbound identity federation is already disabled for your AWS account.")
}

/// No such key of the provider.
/// guess
pub fn no_such_saml_key(id: &str) -> Error {
    no_such_entity(format!("Private key {id} cannot be found."))
}
