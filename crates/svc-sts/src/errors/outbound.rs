//! Tokens for services elsewhere. The texts follow the descriptions of the errors in
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>

use wire::Error;
use wire_sts::{
    JWTPayloadSizeExceededException, OutboundWebIdentityFederationDisabledException,
    SessionDurationEscalationException,
};

/// guess
pub fn signing_algorithm(text: &str) -> Error {
    Error::validation(format!(
        "Invalid signing algorithm {text}. Valid values are RS256 and ES384."
    ))
}

/// guess
pub fn outbound_federation_disabled() -> Error {
    let message = "Outbound web identity federation is not enabled for this account.".to_string();
    OutboundWebIdentityFederationDisabledException { message: Some(message) }.into()
}

/// guess
pub fn session_duration_escalation() -> Error {
    let message =
        "The requested token duration would extend the session beyond its original expiration time."
            .to_string();
    SessionDurationEscalationException { message: Some(message) }.into()
}

/// guess
pub fn jwt_payload_too_large() -> Error {
    let message = "The requested token payload size exceeds the maximum allowed size.".to_string();
    JWTPayloadSizeExceededException { message: Some(message) }.into()
}
