//! Rows. Key material stands in them sealed under the cloud's root key only; texts and times are plain.

use crate::model::spec::{Spec, Usage};
use base::{AccountId, Region};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::table;

/// Account, region and key id.
pub type KeyKey = (AccountId, Region, String);

table! {
    /// One row per key and region, with its material. At most about 60 KiB: RSA keys have one material, symmetric keys
    /// at most [`crate::limits::MATERIALS_MAX`] of 200 bytes.
    pub KEYS: KeyKey => KeyRecord, name = "kms.keys", version = 1;
    /// One row per alias, by its name with `alias/`.
    pub ALIASES: (AccountId, Region, String) => AliasRecord, name = "kms.aliases", version = 1;
    /// One row per grant: the key's row and the grant's id.
    pub GRANTS: (AccountId, Region, String, String) => GrantRecord, name = "kms.grants", version = 1;
    /// What is to happen to a key later, in order: milliseconds since the epoch, key, kind of event.
    pub TIMERS: (u64, AccountId, Region, String, String) => TimerRecord, name = "kms.timers", version = 1;
    /// In which regions a multi-Region key is.
    pub MULTI_REGION: (AccountId, String) => MultiRegionRecord, name = "kms.multi_region", version = 1;
}

/// A key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyRecord {
    /// When it was made, in milliseconds since the epoch, as are the other times.
    pub created_ms: u64,
    /// What it is for.
    pub description: String,
    /// What kind of key it is.
    pub spec: Spec,
    /// What it may be used for.
    pub usage: Usage,
    /// Whether its material is imported (`EXTERNAL`) rather than made here (`AWS_KMS`).
    #[serde(default)]
    pub external: bool,
    /// The AWS service whose key it is, such as `lambda`; None for keys of customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// When it will be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_ms: Option<u64>,
    /// For a multi-Region primary key that waits for its replicas to be gone: how many days it then has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica_deletion_days: Option<u32>,
    /// Who may do what with it.
    pub policy: String,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The names of its aliases, with `alias/`.
    #[serde(default)]
    pub aliases: BTreeSet<String>,
    /// Whether it is a multi-Region key.
    #[serde(default)]
    pub multi_region: bool,
    /// Automatic rotation, if it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<RotationRecord>,
    /// How often it was rotated on demand.
    #[serde(default)]
    pub on_demand_rotations: u32,
    /// Its material, oldest first. None before the first import.
    pub materials: Vec<MaterialRecord>,
    /// Which of them encrypts.
    #[serde(default)]
    pub current: usize,
}

/// Automatic rotation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RotationRecord {
    /// 90 to 2,560 days.
    pub period_days: u32,
    /// When it happens next.
    pub next_ms: u64,
}

/// One material of a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MaterialRecord {
    /// 64 hexadecimal digits.
    pub id: String,
    /// The material, sealed, in base64; None while imported material is deleted or has expired.
    pub sealed: Option<String>,
    /// The public half in base64, for asymmetric keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// When the key began to encrypt with it.
    pub since_ms: u64,
    /// How that came: `AUTOMATIC`, `ON_DEMAND`; None for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<String>,
    /// When imported material expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to_ms: Option<u64>,
    /// What the importer said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// An alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasRecord {
    /// The id of its key.
    pub key_id: String,
    /// When it was made.
    pub created_ms: u64,
    /// When it was last pointed elsewhere.
    pub updated_ms: u64,
}

/// A grant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantRecord {
    /// When it was made.
    pub created_ms: u64,
    /// Whom it permits.
    pub grantee: String,
    /// The unique id of the user or role that it was, so that another one of the same name gets nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grantee_id: Option<String>,
    /// Who may retire it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retiring: Option<String>,
    /// The account that made it.
    pub issuing_account: String,
    /// AWS's names of what it permits.
    pub operations: BTreeSet<String>,
    /// The encryption context must contain these pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_subset: Option<BTreeMap<String, String>>,
    /// The encryption context must be exactly these pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_equals: Option<BTreeMap<String, String>>,
    /// A name against making it twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// That something is due; all is in the key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TimerRecord {}

/// Where a multi-Region key is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MultiRegionRecord {
    /// The region of the primary key.
    pub primary: String,
    /// The regions of its replicas.
    pub replicas: BTreeSet<String>,
}
