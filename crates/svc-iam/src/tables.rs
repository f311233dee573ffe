//! Rows. Names are the last part of each key in lower case: IAM's names are unique without regard to case.

mod credentials;
mod providers;
mod reports;

pub use credentials::*;
pub use providers::*;
pub use reports::*;

use crate::errors::{self, Error};
use base::{AccountId, Time};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Table, Tx, View, table};

/// An account and a name in lower case.
pub type NameKey = (AccountId, String);

table! {
    /// One row per user. Bound: 5,000 per account.
    pub USERS: NameKey => UserRecord, name = "iam.users", version = 1;
    /// One row per group. Bound: 300 per account.
    pub GROUPS: NameKey => GroupRecord, name = "iam.groups", version = 1;
    /// One row per membership: account, group, user. The user's own row lists its groups too.
    pub GROUP_MEMBERS: (AccountId, String, String) => MemberRecord, name = "iam.group_members", version = 1;
    /// One row per role. Bound: 1,000 per account.
    pub ROLES: NameKey => RoleRecord, name = "iam.roles", version = 1;
    /// One row per customer managed policy, with its versions. Bound: 1,500 per account.
    pub POLICIES: NameKey => PolicyRecord, name = "iam.policies", version = 1;
    /// One row per use of a managed policy: account, ARN, `PermissionsPolicy` or `PermissionsBoundary`, `user`, `role` or
    /// `group`, name.
    pub POLICY_USES: (AccountId, String, String, String, String) => PolicyUseRecord, name = "iam.policy_uses", version = 1;
    /// One row per long-term access key, by its id.
    pub ACCESS_KEYS: String => AccessKeyRecord, name = "iam.access_keys", version = 1;
    /// One row per instance profile. Bound: 1,000 per account.
    pub INSTANCE_PROFILES: NameKey => InstanceProfileRecord, name = "iam.instance_profiles", version = 1;
    /// The account's alias, if it has one.
    pub ACCOUNT_ALIASES: AccountId => AliasRecord, name = "iam.account_aliases", version = 1;
    /// Whose an alias is: aliases are unique across accounts.
    pub ALIAS_OWNERS: String => AliasOwnerRecord, name = "iam.alias_owners", version = 1;
}

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// The policies of a user, group or role.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Grants {
    /// Documents of inline policies by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of managed policies, in the order in which they were attached.
    pub attached: Vec<String>,
    /// The ARN of the permissions boundary. Groups have none.
    #[serde(default)]
    pub boundary: Option<String>,
}

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserRecord {
    /// As it was written.
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// `AIDA…`.
    pub id: String,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
    /// Its policies.
    pub grants: Grants,
    /// Its tags.
    pub tags: Tags,
    /// The keys of its groups' rows.
    pub groups: Vec<String>,
    /// The ids of its access keys.
    pub access_keys: Vec<String>,
}

/// A group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupRecord {
    /// As it was written.
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// `AGPA…`.
    pub id: String,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
    /// Its policies.
    pub grants: Grants,
}

/// That a user belongs to a group; all is in the key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MemberRecord {}

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoleRecord {
    /// As it was written.
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// `AROA…`.
    pub id: String,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
    /// What it is for.
    pub description: Option<String>,
    /// The longest session, in seconds: 3,600 to 43,200.
    pub session_duration_s_max: u32,
    /// Who may assume it: the document as it was written.
    pub trust: String,
    /// The unique ids of the users and roles that the document names, by ARN, as of when it was written.
    #[serde(default)]
    pub trusted_ids: BTreeMap<String, String>,
    /// Its policies.
    pub grants: Grants,
    /// Its tags.
    pub tags: Tags,
    /// The keys of the rows of the instance profiles that it is in.
    pub instance_profiles: Vec<String>,
}

/// A customer managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyRecord {
    /// As it was written.
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// `ANPA…`.
    pub id: String,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
    /// When its default version last changed, in milliseconds since the epoch.
    pub updated_ms: u64,
    /// What it is for.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// The number of the default version.
    pub default_version: u32,
    /// The number that the next version gets; numbers are never used again.
    pub next_version: u32,
    /// Its versions by number.
    pub versions: BTreeMap<u32, PolicyVersionRecord>,
}

/// A version of a managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyVersionRecord {
    /// The document as it was written.
    pub document: String,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
}

/// Who uses a managed policy; the rest is in the key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyUseRecord {
    /// The name as it was written.
    pub name: String,
    /// The unique id.
    pub id: String,
    /// Begins and ends with a slash.
    pub path: String,
}

/// A long-term access key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessKeyRecord {
    /// The account, as 12 digits.
    pub account: String,
    /// The key of the user's row.
    pub user: String,
    /// The secret in the clear, in rows that were written before secrets were sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The secret, sealed under the cloud's root key for this access key id, in base64.
    #[serde(default)]
    pub sealed_secret: String,
    /// Whether it may be used.
    pub active: bool,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
}

/// An instance profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InstanceProfileRecord {
    /// As it was written.
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// `AIPA…`.
    pub id: String,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
    /// The key of its role's row.
    pub role: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// An account's alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasRecord {
    /// The alias.
    pub alias: String,
}

/// An alias's account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasOwnerRecord {
    /// The account, as 12 digits.
    pub account: String,
}

/// The key of the row of `name`.
pub fn key(account: AccountId, name: &str) -> NameKey {
    (account, name.to_ascii_lowercase())
}

/// A stored point in time.
pub fn time(ms: u64) -> Time {
    Time::from_unix_ms(ms)
}

/// What has a name, a path and a row of its own.
pub trait Named: Serialize + DeserializeOwned + Clone + Send + 'static {
    /// How ARNs and error texts call it: `user`.
    const NOUN: &'static str;
    /// Where the rows are.
    fn table() -> &'static Table<NameKey, Self>;
    /// The name as it was written.
    fn name(&self) -> &str;
    /// Begins and ends with a slash.
    fn path(&self) -> &str;
    /// The unique id.
    fn id(&self) -> &str;
    /// The tags that conditions see; None for what has no tags.
    fn condition_tags(&self) -> Option<&Tags> {
        None
    }

    /// `arn:aws:iam::123456789012:user/path/name`.
    fn arn(&self, account: AccountId) -> String {
        arn(account, Self::NOUN, self.path(), self.name())
    }

    /// The row, or the error that AWS gives for a name that is not there.
    fn load(view: &View<'_>, account: AccountId, name: &str) -> Result<Self, Error> {
        let row = view.get(Self::table(), &key(account, name))?;
        row.ok_or_else(|| errors::no_such_name(Self::NOUN, name))
    }

    /// Writes the row.
    fn save(&self, tx: &mut Tx<'_>, account: AccountId) -> Result<(), Error> {
        Ok(tx.put(Self::table(), &key(account, self.name()), self)?)
    }
}

/// The path of every role of a service begins so.
pub const SERVICE_ROLE_PATH: &str = "/aws-service-role/";

/// What has policies: users, groups and roles.
pub trait Holder: Named {
    /// Most characters of all inline policies together.
    const INLINE_CHARACTERS_MAX: usize;
    /// The name of the quota of attached policies.
    const ATTACHED_QUOTA: &'static str;
    /// Its policies.
    fn grants(&self) -> &Grants;
    /// Its policies.
    fn grants_mut(&mut self) -> &mut Grants;

    /// Refuses what only a service does to its own role.
    fn check_changeable(&self) -> Result<(), Error> {
        if Self::NOUN == "role" && self.path().starts_with(SERVICE_ROLE_PATH) {
            return Err(errors::protected_role(self.name()));
        }
        Ok(())
    }
}

/// What has tags.
pub trait Tagged: Named {
    /// Its tags.
    fn tags(&self) -> &Tags;
    /// Its tags.
    fn tags_mut(&mut self) -> &mut Tags;
}

/// `path` begins and ends with a slash.
pub fn arn(account: AccountId, noun: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:{noun}{path}{name}")
}

macro_rules! named {
    ($record:ident $table:ident $noun:literal $($tags:ident)?) => {
        impl Named for $record {
            const NOUN: &'static str = $noun;
            fn table() -> &'static Table<NameKey, Self> {
                &$table
            }
            fn name(&self) -> &str {
                &self.name
            }
            fn path(&self) -> &str {
                &self.path
            }
            fn id(&self) -> &str {
                &self.id
            }
            $(
                fn condition_tags(&self) -> Option<&Tags> {
                    Some(&self.$tags)
                }
            )?
        }
    };
}

macro_rules! holder {
    ($record:ident $inline:ident $quota:literal) => {
        impl Holder for $record {
            const INLINE_CHARACTERS_MAX: usize = policy::limits::$inline;
            const ATTACHED_QUOTA: &'static str = $quota;
            fn grants(&self) -> &Grants {
                &self.grants
            }
            fn grants_mut(&mut self) -> &mut Grants {
                &mut self.grants
            }
        }
    };
}

macro_rules! tagged {
    ($record:ident) => {
        impl Tagged for $record {
            fn tags(&self) -> &Tags {
                &self.tags
            }
            fn tags_mut(&mut self) -> &mut Tags {
                &mut self.tags
            }
        }
    };
}

named!(UserRecord USERS "user" tags);
named!(GroupRecord GROUPS "group");
named!(RoleRecord ROLES "role" tags);
named!(PolicyRecord POLICIES "policy" tags);
named!(InstanceProfileRecord INSTANCE_PROFILES "instance-profile" tags);
named!(ServerCertificateRecord SERVER_CERTIFICATES "server-certificate" tags);
holder!(UserRecord USER_INLINE_CHARACTERS_MAX "PoliciesPerUser");
holder!(GroupRecord GROUP_INLINE_CHARACTERS_MAX "PoliciesPerGroup");
holder!(RoleRecord ROLE_INLINE_CHARACTERS_MAX "PoliciesPerRole");
tagged!(UserRecord);
tagged!(RoleRecord);
tagged!(PolicyRecord);
tagged!(InstanceProfileRecord);
tagged!(ServerCertificateRecord);
