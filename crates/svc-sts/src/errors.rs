//! AWS's faults with AWS's texts.

mod outbound;
mod saml;

pub use outbound::*;
pub use saml::*;

use wire::{Common, Error};
use wire_sts::{
    ExpiredTokenException, InvalidAuthorizationMessageException, InvalidIdentityTokenException,
    MalformedPolicyDocumentException, PackedPolicyTooLargeException,
};

/// From a seam: a denial stays one, anything else is internal.
pub fn from_seam(error: seams::Error) -> Error {
    if error.status == 403 { Error::access_denied(error.message) } else { Error::internal(error) }
}

/// Recorded.
pub fn invalid_role_arn(arn: &str) -> Error {
    Error::validation(format!("{arn} is invalid"))
}

/// Recorded.
pub fn duplicate_tag_keys() -> Error {
    invalid_parameter_value(
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )
}

/// Recorded.
pub fn transitive_tag_key_missing() -> Error {
    invalid_parameter_value(
        "The specified transitive tag key must be included in the requested tags.",
    )
}

/// Recorded.
pub fn transitive_tag_key_taken() -> Error {
    invalid_parameter_value(
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from \
         the calling session.",
    )
}

fn invalid_parameter_value(message: &str) -> Error {
    Error::other(400, "InvalidParameterValue", message)
}

/// A role session made by a role session lasts an hour at most.
pub fn chained_session_too_long() -> Error {
    Error::validation(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    )
}

/// The role's own limit.
pub fn session_too_long() -> Error {
    Error::validation(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
}

/// A session policy's document is refused.
pub fn malformed_policy_document(error: policy::Malformed) -> Error {
    MalformedPolicyDocumentException { message: Some(error.0) }.into()
}

/// No such managed policy to limit a session by.
pub fn no_such_session_policy(arn: &str) -> Error {
    MalformedPolicyDocumentException { message: Some(format!("Policy {arn} does not exist.")) }
        .into()
}

/// Session policies beyond their limit, in percent.
pub fn packed_policy_too_large(percent: usize) -> Error {
    let message = format!("Packed size of session policy consumes {percent}% of allotted space.");
    PackedPolicyTooLargeException { message: Some(message) }.into()
}

/// More managed policies than a session can be limited by.
pub fn too_many_policy_arns(max: usize) -> Error {
    Error::validation(format!("The number of policyArns must not exceed {max}."))
}

/// Sessions cannot make sessions of users.
pub fn session_credentials(operation: &str) -> Error {
    Error::access_denied(format!("Cannot call {operation} with session credentials"))
}

/// Only half of what a device's proof consists of.
pub fn mfa_incomplete() -> Error {
    Error::access_denied(
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ",
    )
}

/// A code that the device does not show now, or no device of the caller's.
pub fn mfa_failed() -> Error {
    Error::access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
}

/// Contexts of trusted token issuers, which come with IAM Identity Center.
pub fn provided_contexts_not_implemented() -> Error {
    Error::common(Common::NotImplemented, "ProvidedContexts is not implemented.")
}

/// Tokens that are not OpenID Connect's: those of Login with Amazon and Facebook.
pub fn access_tokens_not_implemented() -> Error {
    Error::common(
        Common::NotImplemented,
        "ProviderId is not implemented: only tokens of OpenID Connect providers are taken.",
    )
}

/// Once set, a source identity can not be changed. A guess.
pub fn source_identity_taken(caller_arn: &str, role_arn: &str) -> Error {
    Error::access_denied(format!(
        "User: {caller_arn} is not authorized to perform: sts:SetSourceIdentity on resource: {role_arn}"
    ))
}

/// A federated caller's role does not trust it; AWS says no more.
pub fn not_authorized(action: &str) -> Error {
    Error::access_denied(format!("Not authorized to perform {action}"))
}

fn invalid_identity_token(message: impl Into<String>) -> Error {
    InvalidIdentityTokenException { message: Some(message.into()) }.into()
}

/// Seen in <https://github.com/aws-actions/configure-aws-credentials/issues>.
pub fn no_such_issuer(issuer: &str) -> Error {
    invalid_identity_token(format!("No OpenIDConnect provider found in your account for {issuer}"))
}

/// As several clients' troubleshooting pages quote it.
pub fn not_a_token() -> Error {
    invalid_identity_token(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

/// Seen in <https://github.com/aws/aws-sdk-ruby/issues/2698>.
pub fn missing_claim(name: &str) -> Error {
    invalid_identity_token(format!("Missing a required claim: {name}"))
}

/// Seen in <https://github.com/awslabs/amazon-eks-irsa-cfn/pull/18>.
pub fn wrong_audience() -> Error {
    invalid_identity_token("Incorrect token audience")
}

/// The text is quoted widely.
pub fn no_verification_key() -> Error {
    invalid_identity_token(
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    )
}

/// The text is quoted widely.
pub fn untrusted_issuer() -> Error {
    invalid_identity_token(
        "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    )
}

/// No key of the provider made the signature. A guess.
pub fn token_not_verified() -> Error {
    invalid_identity_token(
        "The web identity token that was passed could not be validated by Amazon Web Services.",
    )
}

/// A guess.
pub fn token_not_yet_valid() -> Error {
    invalid_identity_token("Token is not yet valid")
}

/// A guess.
pub fn invalid_tags_claim() -> Error {
    invalid_identity_token("The session tags in the web identity token are not valid.")
}

/// The text is quoted widely; seconds since the epoch.
pub fn token_expired(now_s: u64, expires_s: u64) -> Error {
    let message = format!(
        "Token expired: current date/time {now_s} must be before the expiration date/time{expires_s}"
    );
    ExpiredTokenException { message: Some(message) }.into()
}

/// A message that was not made here, or for another account. A guess.
pub fn invalid_authorization_message() -> Error {
    InvalidAuthorizationMessageException { message: Some("Message is not valid".to_string()) }
        .into()
}

/// Session tags beyond their limit, in percent.
pub fn packed_tags_too_large(percent: usize) -> Error {
    let message = format!("Packed size of session tags consumes {percent}% of allotted space.");
    PackedPolicyTooLargeException { message: Some(message) }.into()
}

/// An access key that is none of this cloud's.
pub fn invalid_access_key(access_key_id: &str) -> Error {
    Error::validation(format!("Access key {access_key_id} is not valid."))
}
