//! Quotas of IAM. Source, where no other is named:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

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
/// Access keys whose last use is kept in memory.
pub const LAST_USES_MAX: usize = 16_384;

/// Denials that are explained before their requests have ended.
pub const EXPLANATIONS_MAX: usize = 512;
/// Statements that an explanation shows.
pub const EXPLAINED_STATEMENTS_MAX: usize = 200;
