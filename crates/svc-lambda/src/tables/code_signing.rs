//! Code signing configurations, and which functions have one; how functions want their runtimes updated.

use base::{AccountId, Region};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::table;

table! {
    /// One row per code signing configuration, by its id. Size: up to 10 KiB.
    pub CODE_SIGNING_CONFIGS: (AccountId, Region, String) => CodeSigningConfigRecord,
        name = "lambda.code_signing_configs", version = 1;
    /// Functions that have a code signing configuration. Size: 50 bytes.
    pub FUNCTION_CODE_SIGNING: (AccountId, Region, String) => FunctionCodeSigningRecord,
        name = "lambda.function_code_signing", version = 1;
    /// How a version wants its runtime updated, by qualifier, where a caller has said so. Size: 150 bytes.
    pub RUNTIME_MANAGEMENT: (AccountId, Region, String, String) => RuntimeManagementRecord,
        name = "lambda.runtime_management", version = 1;
}

/// A code signing configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeSigningConfigRecord {
    /// Up to 256 characters; None where the caller gave none.
    pub description: Option<String>,
    /// ARNs of versions of signing profiles, at most 20.
    pub signing_profiles: Vec<String>,
    /// Whether packages that are not signed by one of them are refused, rather than only told of.
    pub enforce: bool,
    /// Milliseconds since the epoch.
    pub last_modified_ms: u64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// That a function has a code signing configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FunctionCodeSigningRecord {
    /// Its id.
    pub config: String,
}

/// How a version wants its runtime updated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeManagementRecord {
    /// `Auto`, `FunctionUpdate` or `Manual`.
    pub update_runtime_on: String,
    /// With `Manual`.
    pub runtime_version_arn: Option<String>,
}
