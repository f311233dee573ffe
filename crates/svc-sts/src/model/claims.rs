//! What a session token says. Stored with clients for up to 36 hours: fields are only ever added.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The claims of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose session it is.
    pub who: Who,
    /// When it began, in milliseconds since the epoch.
    pub issued_ms: u64,
    /// When it ends, in milliseconds since the epoch.
    pub expires_ms: u64,
    /// Session policies as texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Session policies as ARNs of managed policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// Session tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The keys of the tags that sessions made by this one inherit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitive_tag_keys: Vec<String>,
    /// `aws:SourceIdentity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// Whether a role session made it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chained: bool,
    /// Whether a device's code was given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mfa: bool,
    /// What an identity provider said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federation: Option<Federation>,
    /// `lambda:SourceFunctionArn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_function_arn: Option<String>,
}

/// What an identity provider said of the session's user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federation {
    /// The ARN of the provider.
    pub provider: String,
    /// Its claims as condition keys.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    /// An account's root user.
    Root {
        /// 12 digits.
        account: String,
    },
    /// An IAM user.
    User {
        /// 12 digits.
        account: String,
        /// Its name.
        name: String,
        /// `AIDA…`.
        id: String,
    },
    /// A role.
    Role {
        /// With its path.
        arn: String,
        /// `AROA…`.
        id: String,
        /// What the session is called.
        session: String,
    },
    /// Somebody whom a user vouches for.
    Federated {
        /// 12 digits.
        account: String,
        /// What the user calls it.
        name: String,
        /// The user's name and `AIDA…`; none if the root user vouches.
        user: Option<(String, String)>,
    },
}
