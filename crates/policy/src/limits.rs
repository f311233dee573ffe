//! Sizes of policy documents. Callers pass the one that applies; AWS does not count white space.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

/// Longest document that is read at all, in bytes, whatever the kind. From the service model of IAM.
pub const DOCUMENT_BYTES_MAX: usize = 131_072;

/// A customer managed policy, in characters without white space.
pub const MANAGED_CHARACTERS_MAX: usize = 6_144;

/// All inline policies of one user, in characters without white space.
pub const USER_INLINE_CHARACTERS_MAX: usize = 2_048;

/// All inline policies of one role, in characters without white space.
pub const ROLE_INLINE_CHARACTERS_MAX: usize = 10_240;

/// All inline policies of one group, in characters without white space.
pub const GROUP_INLINE_CHARACTERS_MAX: usize = 5_120;

/// A role's trust policy, in characters without white space. The default; AWS raises it to 4,096 on request.
pub const TRUST_CHARACTERS_MAX: usize = 2_048;

/// The session policies of one session, in characters.
pub const SESSION_CHARACTERS_MAX: usize = 2_048;

/// How many characters of `document` count towards a quota: all but white space.
pub fn counted_characters(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}
