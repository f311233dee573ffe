//! Every quota: constant, unit, source.

/// Customer keys of an account in a region.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
pub const KEYS_MAX: usize = 100_000;
/// Aliases of a key.
pub const ALIASES_PER_KEY_MAX: usize = 50;
/// Grants on a key.
pub const GRANTS_PER_KEY_MAX: usize = 50_000;
/// Rotations on demand in the life of a key.
pub const ON_DEMAND_ROTATIONS_MAX: u32 = 25;
/// Materials of a key: on-demand rotations, and automatic ones for 90 years of days at the shortest period would be more;
/// a key that has this many is not rotated any further.
pub const MATERIALS_MAX: usize = 400;
/// Tags of a key.
pub const TAGS_MAX: usize = 50;
/// Bytes of a key policy.
pub const POLICY_BYTES_MAX: usize = 32_768;
/// Bytes of the encryption context: keys and values together.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>
pub const CONTEXT_BYTES_MAX: usize = 8_192;
/// Days that a key waits for its deletion.
pub const DELETION_DAYS: std::ops::RangeInclusive<i32> = 7..=30;
/// The same where the caller does not say.
pub const DELETION_DAYS_DEFAULT: i32 = 30;
/// Days between automatic rotations, where the caller does not say. The model bounds it: 90 to 2,560.
pub const ROTATION_DAYS_DEFAULT: i32 = 365;
/// Automatic rotation of AWS managed keys, in days.
pub const MANAGED_ROTATION_DAYS: u32 = 365;
/// How long the parameters of an import are good, in milliseconds: 24 hours.
pub const IMPORT_TOKEN_MS: u64 = 24 * 3_600_000;
/// How far away the expiry of imported material may be, in milliseconds: 365 days.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
pub const IMPORTED_VALID_MS_MAX: u64 = 365 * DAY_MS;
/// A day in milliseconds.
pub const DAY_MS: u64 = 24 * 3_600_000;
/// Items of a page, where the caller does not say.
pub const PAGE_ITEMS: usize = 100;
/// The same of aliases and grants.
pub const PAGE_ITEMS_SMALL: usize = 50;
/// Most items of a page.
pub const PAGE_ITEMS_MAX: usize = 1_000;
/// Events that one activation of the timers carries out.
pub const TIMERS_BATCH: usize = 100;
/// Grants that one transaction removes.
pub const GRANTS_DELETED_AT_ONCE: usize = 1_000;
