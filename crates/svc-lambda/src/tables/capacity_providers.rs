//! Capacity providers, which versions run on them, and how versions scale there.

use base::{AccountId, Region};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::table;

table! {
    /// One row per capacity provider, by its name. Size: up to 20 KiB.
    pub CAPACITY_PROVIDERS: (AccountId, Region, String) => CapacityProviderRecord,
        name = "lambda.capacity_providers", version = 1;
    /// The versions of functions that are configured for a capacity provider: its name, the function's, the version's number
    /// (0 for `$LATEST`). Size: 10 bytes.
    pub CAPACITY_PROVIDER_VERSIONS: (AccountId, Region, String, String, u64) => CapacityProviderVersionRecord,
        name = "lambda.capacity_provider_versions", version = 1;
    /// How versions scale, where a caller has said so. Size: 100 bytes.
    pub FUNCTION_SCALING: (AccountId, Region, String, u64) => FunctionScalingRecord,
        name = "lambda.function_scaling", version = 1;
}

/// A capacity provider. What one host has no use for is kept to be shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CapacityProviderRecord {
    /// `Pending`, `Active` or `Deleting`.
    pub state: CapacityProviderState,
    /// At most 16.
    pub subnet_ids: Vec<String>,
    /// At most 5.
    pub security_group_ids: Vec<String>,
    /// The role with which AWS would manage instances.
    pub operator_role_arn: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// At most 400; None where the caller gave none.
    pub allowed_instance_types: Option<Vec<String>>,
    /// Likewise.
    pub excluded_instance_types: Option<Vec<String>>,
    /// vCPUs of all environments together, 2 to 15,000.
    pub max_vcpu_count: u32,
    /// `Auto` or `Manual`.
    pub scaling_mode: String,
    /// Target values in percent of CPU, with `Manual`.
    pub scaling_targets: Vec<f64>,
    /// The key of the instances' volumes.
    pub kms_key_arn: Option<String>,
    /// Milliseconds since the epoch.
    pub last_modified_ms: u64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// Where a capacity provider is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapacityProviderState {
    /// Being made.
    Pending,
    /// Functions may be configured for it.
    Active,
    /// Being removed.
    Deleting,
}

/// That a version is configured for a capacity provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CapacityProviderVersionRecord {}

/// How many environments a version has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionScalingRecord {
    /// What was asked for.
    pub requested: ScalingRecord,
    /// What is in effect.
    pub applied: ScalingRecord,
}

/// At least and at most so many environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingRecord {
    /// 0 only if `max` is.
    pub min: u32,
    /// None: as many as the capacity provider has room for.
    pub max: Option<u32>,
}

/// How a function uses Lambda Managed Instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManagedInstancesRecord {
    /// The capacity provider.
    pub capacity_provider_arn: String,
    /// Invocations that one environment takes at once.
    pub max_concurrency: u32,
    /// 2.0 to 8.0: how much of the function's memory goes with one vCPU.
    pub memory_gib_per_vcpu: f64,
}
