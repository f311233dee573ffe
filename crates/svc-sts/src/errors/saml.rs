//! SAML responses. Documented texts are those of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html>

use super::invalid_identity_token;
use wire::Error;
use wire_sts::{ExpiredTokenException, IDPRejectedClaimException};

/// Seen in <https://github.com/oktadev/okta-aws-cli-assume-role/issues/307>.
pub fn invalid_request_arn() -> Error {
    Error::validation("Request ARN is invalid")
}

/// Not base64. guess
pub fn saml_not_base64() -> Error {
    invalid_identity_token("Invalid base64 SAMLResponse")
}

/// No response of SAML 2.0 with one assertion, or one that two readers could understand in two ways. guess
pub fn not_a_saml_response() -> Error {
    invalid_identity_token("Invalid SAML response")
}

/// The provider says that it did not recognize the user. guess
pub fn saml_status() -> Error {
    let message = "The identity provider did not report success".to_string();
    IDPRejectedClaimException { message: Some(message) }.into()
}

/// Documented.
pub fn saml_signature_invalid() -> Error {
    invalid_identity_token("Response signature invalid")
}

/// No key of the provider opens the assertion, or it is encrypted in a way that is not taken. guess
pub fn saml_not_decrypted() -> Error {
    invalid_identity_token("Unable to decrypt the SAML assertion")
}

/// The provider takes encrypted assertions only. guess
pub fn saml_not_encrypted() -> Error {
    invalid_identity_token("SAML assertion must be encrypted")
}

/// Documented.
pub fn no_such_saml_provider() -> Error {
    invalid_identity_token("Specified provider doesn't exist")
}

/// The metadata's own `validUntil` has passed. guess
pub fn saml_metadata_expired() -> Error {
    invalid_identity_token("The metadata of the specified provider has expired")
}

/// Seen in <https://github.com/dbeaver/cloudbeaver/issues/3112>.
pub fn saml_wrong_issuer() -> Error {
    invalid_identity_token("Issuer not present in specified provider")
}

/// Made for somebody else. guess
pub fn saml_wrong_audience() -> Error {
    invalid_identity_token("Assertion is missing required audience")
}

/// Sent to somebody else. guess
pub fn saml_wrong_recipient() -> Error {
    invalid_identity_token("Assertion is missing required recipient")
}

/// Documented.
pub fn saml_session_name_missing() -> Error {
    invalid_identity_token("RoleSessionName is required in AuthnResponse")
}

/// Documented.
pub fn saml_session_name_invalid() -> Error {
    invalid_identity_token("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
}

/// Documented.
pub fn saml_source_identity_invalid() -> Error {
    invalid_identity_token(
        "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
    )
}

/// guess
pub fn saml_session_duration_invalid() -> Error {
    invalid_identity_token("SessionDuration in AuthnResponse must be from 900 to 43200 seconds")
}

/// guess
pub fn invalid_saml_tags() -> Error {
    invalid_identity_token("The session tags in the SAML assertion are not valid.")
}

/// Seen in <https://github.com/Versent/saml2aws/issues/759>.
pub fn saml_expired() -> Error {
    ExpiredTokenException { message: Some("Response has expired".to_string()) }.into()
}

/// Seen in <https://github.com/Nike-Inc/gimme-aws-creds/issues/251>.
pub fn saml_too_old() -> Error {
    let message = "Token must be redeemed within 5 minutes of issuance".to_string();
    ExpiredTokenException { message: Some(message) }.into()
}

/// guess
pub fn saml_not_yet_valid() -> Error {
    invalid_identity_token("Assertion is not yet valid")
}
