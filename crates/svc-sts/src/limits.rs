//! Quotas of STS. Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>

use std::time::Duration;

/// A role session, if the caller does not say.
pub const ROLE_SESSION: Duration = Duration::from_secs(3_600);
/// A role session made with the credentials of a role session.
pub const CHAINED_SESSION_MAX: Duration = Duration::from_secs(3_600);
/// A session of `GetSessionToken` or `GetFederationToken`, if the caller does not say.
pub const USER_SESSION: Duration = Duration::from_secs(43_200);
/// The same for root users, who cannot ask for more.
pub const ROOT_SESSION_MAX: Duration = Duration::from_secs(3_600);
/// Session policies passed as text, in characters.
pub const POLICY_CHARACTERS_MAX: usize = policy::limits::SESSION_CHARACTERS_MAX;
/// Managed policies passed as session policies.
pub const POLICY_ARNS_MAX: usize = 10;

/// Session tags. <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>
pub const TAGS_MAX: usize = 50;

/// Issuers whose keys are kept in memory.
pub const ISSUERS_MAX: usize = 256;
/// Keys of an issuer that are looked at; AWS takes 100 of RSA and 100 of elliptic curves.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>
pub const ISSUER_KEYS_MAX: usize = 200;
/// How long the keys of an issuer are believed.
pub const ISSUER_KEYS_KEPT: Duration = Duration::from_secs(900);
/// Shortest time after which an issuer is asked again for a key that it did not have.
pub const ISSUER_KEYS_PAUSE: Duration = Duration::from_secs(2);
/// Largest document that is read from an issuer, in bytes.
pub const ISSUER_DOCUMENT_BYTES_MAX: usize = 262_144;
/// How far an issuer's clock may be ahead.
pub const TOKEN_SKEW: Duration = Duration::from_secs(300);

/// Seconds that a token for services elsewhere lives, where the caller does not say. The model bounds it: 60 to 3,600.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>
pub const OUTBOUND_TOKEN_S: u64 = 300;
/// Largest claims of such a token, in bytes; AWS does not say.
pub const OUTBOUND_PAYLOAD_BYTES_MAX: usize = 8_192;
/// Accounts whose signing keys are kept in memory.
pub const OUTBOUND_KEYS_KEPT: usize = 256;

/// Longest session token that is read, in bytes: what headers of usual servers can hold.
pub const TOKEN_BYTES_MAX: usize = 16_384;
/// Credentials that are kept in memory, so that their tokens need not be opened for every request.
pub const KNOWN_CREDENTIALS_MAX: usize = 4_096;

/// XML nodes of a SAML response; its text has 100,000 characters at most.
pub const SAML_NODES_MAX: u32 = 20_000;
/// How deep elements of a SAML response are nested in each other; an attribute's value is at 6.
pub const SAML_DEPTH_MAX: usize = 64;
/// Namespaces that an element of a SAML response has, its parents' included; usual ones have five.
pub const SAML_NAMESPACES_MAX: usize = 64;
/// Prefixes that a signature of one canonicalizes inclusively.
pub const SAML_INCLUSIVE_PREFIXES_MAX: usize = 16;
/// How long after it was issued an assertion is taken.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>
pub const SAML_REDEEMED_WITHIN: Duration = Duration::from_secs(300);
/// What the attribute `SessionDuration` may say, in seconds.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>
pub const SAML_SESSION_S: std::ops::RangeInclusive<u64> = 900..=43_200;
