//! What takes AWS a while and is asked for again later.

use base::AccountId;
use serde::{Deserialize, Serialize};
use store::table;

table! {
    /// The newest credential report of an account.
    pub CREDENTIAL_REPORTS: AccountId => CredentialReportRecord, name = "iam.credential_reports", version = 1;
    /// Reports of last accesses, by id. Bound: 100 per account; the oldest goes first.
    pub ACCESS_REPORTS: (AccountId, String) => AccessReportRecord, name = "iam.access_reports", version = 1;
    /// Deletions of service-linked roles, by task id. Bound: 100 per account; the oldest goes first.
    pub ROLE_DELETIONS: (AccountId, String) => RoleDeletionRecord, name = "iam.role_deletions", version = 1;
}

/// A credential report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CredentialReportRecord {
    /// When it was made, in milliseconds since the epoch.
    pub generated_ms: u64,
    /// Comma-separated values, compressed with zlib, in base64: 5,000 users are too long for a row otherwise.
    pub content: String,
}

/// A report of what an identity last used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessReportRecord {
    /// The user, group, role or policy.
    pub arn: String,
    /// Whether single actions were asked for.
    pub is_action_level: bool,
    /// When it was asked for, in milliseconds since the epoch.
    pub created_ms: u64,
}

/// A service-linked role that was deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoleDeletionRecord {
    /// When, in milliseconds since the epoch.
    pub deleted_ms: u64,
}
