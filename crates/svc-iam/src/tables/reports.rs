//! What takes AWS a while and is asked for again later.

use base::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::table;

table! {
    /// The newest credential report of an account.
    pub CREDENTIAL_REPORTS: AccountId => CredentialReportRecord, name = "iam.credential_reports", version = 1;
    /// Reports of last accesses, by id. Bound: 100 per account; the oldest goes first.
    pub ACCESS_REPORTS: (AccountId, String) => AccessReportRecord, name = "iam.access_reports", version = 1;
    /// The last use of a long-term access key, by its id.
    pub LAST_USES: String => LastUseRecord, name = "iam.last_uses", version = 1;
    /// The last uses of a service by a user or role: its unique id, the service's namespace.
    pub SERVICE_USES: (String, String) => ServiceUseRecord, name = "iam.service_uses", version = 1;
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

/// When and where a key was last used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LastUseRecord {
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// The prefix of the action, such as `lambda`.
    pub service: String,
    /// The region of the request.
    pub region: String,
}

/// When and where a service was last used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServiceUseRecord {
    /// Of any of its actions.
    pub last: UseRecord,
    /// By action, such as `GetObject`. Bound: 256.
    pub actions: BTreeMap<String, UseRecord>,
}

/// One use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UseRecord {
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// The region of the request.
    pub region: String,
}

/// A service-linked role that was deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoleDeletionRecord {
    /// When, in milliseconds since the epoch.
    pub deleted_ms: u64,
}
