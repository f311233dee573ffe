//! Quotas of IAM. Source, where no other is named:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use std::time::Duration;

/// Access keys of one user.
pub const ACCESS_KEYS_PER_USER: usize = 2;
/// Managed policies attached to one user, role or group; the default.
pub const ATTACHED_POLICIES: usize = 10;
/// Groups that one user belongs to.
pub const GROUPS_PER_USER: usize = 10;
/// Instance profiles that one role belongs to. Not a documented quota; keeps a role's row small.
pub const INSTANCE_PROFILES_PER_ROLE: usize = 100;
/// Customer managed policies of one account; the default.
pub const POLICIES_PER_ACCOUNT: usize = 1_500;
/// Groups of one account; the default.
pub const GROUPS_PER_ACCOUNT: usize = 300;
/// Instance profiles of one account; the default.
pub const INSTANCE_PROFILES_PER_ACCOUNT: usize = 1_000;
/// Roles of one account; the default.
pub const ROLES_PER_ACCOUNT: usize = 1_000;
/// Users of one account.
pub const USERS_PER_ACCOUNT: usize = 5_000;
/// Tags of one user, role, policy or instance profile.
pub const TAGS: usize = 50;
/// Versions of one managed policy.
pub const VERSIONS_PER_POLICY: usize = 5;

/// Passwords that are remembered: the newest, and as many former ones as an account may refuse.
pub const PASSWORDS_REMEMBERED: usize = 25;
/// MFA devices of one user.
pub const MFA_DEVICES_PER_USER: usize = 8;
/// Virtual MFA devices of one account: as many as users.
pub const MFA_DEVICES_PER_ACCOUNT: usize = USERS_PER_ACCOUNT;
/// X.509 certificates of one user.
pub const SIGNING_CERTIFICATES_PER_USER: usize = 2;
/// SSH public keys of one user.
pub const SSH_KEYS_PER_USER: usize = 5;
/// Service-specific credentials of one user for one service.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html>
pub const CREDENTIALS_PER_SERVICE: usize = 2;
/// Server certificates of one account; the default.
pub const SERVER_CERTIFICATES_PER_ACCOUNT: usize = 20;
/// OpenID Connect providers of one account; the default.
pub const OIDC_PROVIDERS_PER_ACCOUNT: usize = 100;
/// Client ids of one OpenID Connect provider.
pub const CLIENT_IDS_PER_PROVIDER: usize = 100;
/// Thumbprints of one OpenID Connect provider.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>
pub const THUMBPRINTS_PER_PROVIDER: usize = 5;
/// SAML providers of one account.
pub const SAML_PROVIDERS_PER_ACCOUNT: usize = 100;
/// Keys of one SAML provider.
pub const SAML_KEYS_PER_PROVIDER: usize = 2;
/// Longest SAML metadata, in bytes. AWS takes 10 MB; a row holds 1 MiB.
pub const SAML_METADATA_BYTES_MAX: usize = 900_000;

/// How long a credential report is not made anew, in milliseconds.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>
pub const CREDENTIAL_REPORT_FRESH_MS: u64 = 4 * 3_600_000;
/// How long a credential report can be fetched, in milliseconds.
pub const CREDENTIAL_REPORT_KEPT_MS: u64 = 24 * 3_600_000;
/// Reports of last accesses, and deletions of roles, of one account that are remembered, each.
pub const REPORTS_PER_ACCOUNT: usize = 100;

/// Items of one answer, if the caller does not say.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>
pub const PAGE_ITEMS: usize = 100;
/// Most items of one answer; the model's own limit for `MaxItems`.
pub const PAGE_ITEMS_MAX: usize = 1_000;

/// A role's longest session, in seconds, if the caller does not say.
pub const SESSION_DURATION_S: u32 = 3_600;

/// Compiled users and roles that are kept in memory, each.
pub const COMPILED_IDENTITIES_MAX: usize = 4_096;
/// Compiled session and resource policies that are kept in memory.
pub const COMPILED_TEXTS_MAX: usize = 1_024;
/// Users and roles whose last uses of services are kept in memory.
pub const ACCESSES_MAX: usize = 16_384;
/// Actions of one service whose last use is kept for each user or role.
pub const ACTIONS_PER_SERVICE_MAX: usize = 256;
/// How often last uses are written to rows.
pub const USES_WRITTEN_EVERY: Duration = Duration::from_secs(180);
/// Last uses that one transaction writes or one scan reads.
pub const USES_BATCH: usize = 256;
/// Access keys whose last use is kept in memory.
pub const LAST_USES_MAX: usize = 16_384;

/// Denials that are explained, the last ones.
pub const EXPLANATIONS_MAX: usize = 512;
/// Statements that an explanation shows.
pub const EXPLAINED_STATEMENTS_MAX: usize = 200;
