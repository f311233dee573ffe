//! Layers: their numbers, their versions, and who may use these.

use crate::tables::{CodeRecord, PolicyRecord};
use base::{AccountId, Region};
use serde::{Deserialize, Serialize};
use store::table;

table! {
    /// One row per layer name that was ever used. It stays when all versions are deleted. Size: 20 bytes.
    pub LAYERS: (AccountId, Region, String) => LayerRecord, name = "lambda.layers", version = 1;
    /// One row per layer version. Size: up to 2 KiB.
    pub LAYER_VERSIONS: (AccountId, Region, String, u64) => LayerVersionRecord,
        name = "lambda.layer_versions", version = 1;
    /// Who else may use a layer version. Size: up to 20 KiB.
    pub LAYER_POLICIES: (AccountId, Region, String, u64) => PolicyRecord,
        name = "lambda.layer_policies", version = 1;
}

/// A layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerRecord {
    /// The number that the next version gets. Numbers are not used twice.
    pub next_version: u64,
}

/// A version of a layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerVersionRecord {
    /// The archive.
    pub code: CodeRecord,
    /// Up to 256 characters.
    pub description: String,
    /// Up to 512 characters.
    pub license_info: Option<String>,
    /// Runtimes that its owner says it works with, for lists alone.
    pub compatible_runtimes: Vec<String>,
    /// Architectures that its owner says it works with, for lists alone.
    pub compatible_architectures: Vec<String>,
    /// Milliseconds since the epoch.
    pub created_ms: u64,
}

/// A layer version as a function has it: all that is needed to run it, because the version may be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionLayerRecord {
    /// The ARN of the layer version.
    pub arn: String,
    /// The archive.
    pub code: CodeRecord,
}
