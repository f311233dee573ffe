//! What is stored. Records are written by this crate alone; a change of their form raises the table's version.

use base::{AccountId, Region, RequestId, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::table;

mod capacity_providers;
mod code_signing;
mod deliveries;
mod event_source_mappings;
mod layers;
mod urls;

pub use capacity_providers::{
    CAPACITY_PROVIDER_VERSIONS, CAPACITY_PROVIDERS, CapacityProviderRecord, CapacityProviderState,
    CapacityProviderVersionRecord, FUNCTION_SCALING, FunctionScalingRecord, ManagedInstancesRecord,
    ScalingRecord,
};
pub use code_signing::{
    CODE_SIGNING_CONFIGS, CodeSigningConfigRecord, FUNCTION_CODE_SIGNING,
    FunctionCodeSigningRecord, RUNTIME_MANAGEMENT, RuntimeManagementRecord,
};
pub use deliveries::{DELIVERIES, DeliveryRecord};
pub use event_source_mappings::{
    CHECKPOINTS, CheckpointRecord, EVENT_SOURCE_MAPPINGS, EventSourceMappingRecord, MappingState,
    StreamRecord,
};
pub use layers::{
    FunctionLayerRecord, LAYER_POLICIES, LAYER_VERSIONS, LAYERS, LayerRecord, LayerVersionRecord,
};
pub use urls::{
    CorsRecord, FUNCTION_URL_IDS, FUNCTION_URLS, FunctionUrlIdRecord, FunctionUrlRecord,
};

table! {
    /// One row per function: its `$LATEST` version and what belongs to no version. Size: up to 30 KiB.
    pub FUNCTIONS: (AccountId, Region, String) => FunctionRecord, name = "lambda.functions", version = 1;
    /// One row per published version, by number; `$LATEST.PUBLISHED` has the last one. Size: up to 10 KiB.
    pub VERSIONS: (AccountId, Region, String, u64) => VersionRecord, name = "lambda.versions", version = 1;
    /// One row per alias, by name. Size: up to 1 KiB.
    pub ALIASES: (AccountId, Region, String, String) => AliasRecord, name = "lambda.aliases", version = 1;
    /// Reserved concurrency of the functions that have one. Size: 30 bytes.
    pub CONCURRENCY: (AccountId, Region, String) => ConcurrencyRecord, name = "lambda.concurrency", version = 1;
    /// Provisioned concurrency, by version or alias. Size: 100 bytes.
    pub PROVISIONED: (AccountId, Region, String, String) => ProvisionedRecord, name = "lambda.provisioned", version = 1;
    /// Snapshots of SnapStart by the time until which they have been billed. Size: 80 bytes.
    pub SNAPSHOTS_BILLED: (Time, AccountId, Region, String, u64) => SnapshotBilledRecord,
        name = "lambda.snapshots_billed", version = 1;
    /// What an account stores in a region: counted here, so that no request adds up all functions. Size: 50 bytes.
    pub USAGE: (AccountId, Region) => UsageRecord, name = "lambda.usage", version = 1;
    /// Resource policies, by qualifier; the function's own has the empty one. Size: up to 20 KiB.
    pub POLICIES: (AccountId, Region, String, String) => PolicyRecord, name = "lambda.policies", version = 1;
    /// What is to become of asynchronous events, by qualifier (`$LATEST` where the caller named none).
    pub EVENT_INVOKE_CONFIGS: (AccountId, Region, String, String) => EventInvokeConfigRecord,
        name = "lambda.event_invoke_configs", version = 1;
    /// Functions of which somebody said whether they may loop. Size: 20 bytes.
    pub RECURSION_CONFIGS: (AccountId, Region, String) => RecursionConfigRecord,
        name = "lambda.recursion_configs", version = 1;
    /// Functions that a loop has to bring from `Pending` or `InProgress` to an end; version 0 is `$LATEST`.
    pub RECONCILES: (AccountId, Region, String, u64) => ReconcileRecord, name = "lambda.reconciles", version = 1;
    /// Asynchronous events by the time when they are due. Size: up to 200 KiB of payload.
    pub ASYNC_EVENTS: AsyncEventRow => AsyncEventRecord, name = "lambda.function_events", version = 1;
}

/// A function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FunctionRecord {
    /// `$LATEST`.
    pub latest: VersionRecord,
    /// The number that the next published version gets. Numbers are not used twice.
    pub next_version: u64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When it was created, in milliseconds since the epoch: what is older is of another function that had its name.
    #[serde(default)]
    pub created_ms: u64,
}

/// Reserved concurrency of a function: a table of its own, because every invocation depends on the sum of all of them.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ConcurrencyRecord {
    /// Executions at once, 0 to stop the function.
    pub reserved: u32,
}

/// Provisioned concurrency of a version or an alias. How much of it there is tells the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionedRecord {
    /// Environments that shall be initialized.
    pub requested: u32,
    /// When it was last put, in milliseconds since the epoch.
    pub last_modified_ms: u64,
    /// Until when the environments have been billed, in milliseconds since the epoch; 0 if never.
    pub billed_until_ms: u64,
}

/// A snapshot that is billed as long as its version is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SnapshotBilledRecord {
    /// The version's configuration revision.
    pub revision: String,
}

/// Whether a function may loop.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RecursionConfigRecord {
    /// It goes on however often it comes round.
    pub allow: bool,
}

/// What an account stores in a region.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct UsageRecord {
    /// Functions.
    pub functions: u64,
    /// Bytes of the packages of all versions of all functions, and of all layer versions.
    pub code_bytes: u64,
}

/// A version of a function: its code and its configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VersionRecord {
    /// What the caller configured.
    pub configuration: Configuration,
    /// The package.
    pub code: CodeRecord,
    /// When code or configuration last changed, in milliseconds since the epoch.
    pub last_modified_ms: u64,
    /// Changes with every change, also of the state.
    pub revision_id: String,
    /// Changes with code and configuration alone. No two versions share it: warm environments are found by it.
    pub configuration_revision: String,
    /// Whether it can be invoked.
    pub state: StateRecord,
    /// How the last update went; None until creation is done.
    pub last_update: Option<UpdateRecord>,
    /// For published versions: the fingerprint of `$LATEST` when it was published.
    pub published_from: Option<String>,
    /// What ran before an update that is going on or has failed: it goes on running if the update fails.
    #[serde(default)]
    pub before_update: Option<Box<BeforeUpdateRecord>>,
}

/// What an update replaces.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeforeUpdateRecord {
    /// The configuration.
    pub configuration: Configuration,
    /// The package.
    pub code: CodeRecord,
    /// As in the version.
    pub configuration_revision: String,
}

/// A package: that of a function's version, or a layer version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRecord {
    /// The digest under which `blobs` has the archive.
    pub digest: String,
    /// Base64 of the archive's SHA-256, as it was before it was encrypted.
    pub sha256: String,
    /// Bytes of the archive, likewise.
    pub size: u64,
    /// Bytes of its files, unpacked.
    #[serde(default)]
    pub unpacked_bytes: u64,
    /// The customer's key under which the archive is encrypted; None for AWS's own.
    #[serde(default)]
    pub key: Option<CodeKeyRecord>,
}

/// How a package is encrypted under a key of the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeKeyRecord {
    /// As the caller named it.
    pub arn: String,
    /// Base64 of KMS's ciphertext of the data key.
    pub data_key: String,
}

/// What the caller configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// Up to 256 characters.
    pub description: String,
    /// Such as `python3.12`.
    pub runtime: String,
    /// In the runtime's notation.
    pub handler: String,
    /// The ARN of the execution role.
    pub role: String,
    /// 128 to 10,240.
    pub memory_mib: u32,
    /// 1 to 900.
    pub timeout_s: u32,
    /// 512 to 10,240.
    pub ephemeral_storage_mib: u32,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// None where the caller gave none: AWS then answers without the member. Sealed unless it is empty:
    /// [`crate::model::environment_variables::SEALED`].
    pub environment: Option<BTreeMap<String, String>>,
    /// The customer's key that seals it; None for `aws/lambda`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// `PassThrough` or `Active`.
    pub tracing_mode: String,
    /// How and where logs are written.
    pub logging: LoggingRecord,
    /// The ARN of the queue or the topic that gets the events which could not be handled.
    #[serde(default)]
    pub dead_letter: Option<String>,
    /// In the order in which they are laid over each other, at most 5.
    #[serde(default)]
    pub layers: Vec<FunctionLayerRecord>,
    /// SnapStart for published versions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snap_start: bool,
    /// None for functions that are not durable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable: Option<DurableConfigRecord>,
    /// None for functions that run on demand; fixed at creation but for its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<ManagedInstancesRecord>,
    /// Whether an environment serves one tenant alone; fixed at creation.
    #[serde(default)]
    pub tenant_isolation: bool,
    /// Whether the caller has given lists of subnets and security groups, which are empty: AWS then shows them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shows_no_vpc: bool,
}

/// How long executions of a durable function may last and are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DurableConfigRecord {
    /// 1 to 31,622,400.
    pub execution_timeout_s: u32,
    /// 1 to 90.
    pub retention_days: u32,
}

/// How and where a function's logs are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggingRecord {
    /// Whether lines are JSON objects.
    pub json: bool,
    /// `TRACE` to `FATAL`; only with JSON.
    pub application_level: Option<String>,
    /// `DEBUG`, `INFO` or `WARN`; only with JSON.
    pub system_level: Option<String>,
    /// The log group.
    pub group: String,
}

/// Whether a version can be invoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateRecord {
    /// Being created.
    Pending,
    /// Can be invoked.
    Active,
    /// `$LATEST` of a function on managed instances: only what is published of it can be invoked.
    ActiveNonInvocable,
    /// On managed instances, and told to have no environments: they are being ended.
    Deactivating,
    /// They have been.
    Deactivated,
    /// Could not be created.
    Failed(ReasonRecord),
}

/// How the last update went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateRecord {
    /// It is going on.
    InProgress,
    /// It is done.
    Successful,
    /// It could not be done.
    Failed(ReasonRecord),
}

/// Why something failed, as the API tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonRecord {
    /// One of the API's codes, such as `InvalidRuntime`.
    pub code: String,
    /// A sentence.
    pub text: String,
}

/// An alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasRecord {
    /// Up to 256 characters.
    pub description: String,
    /// `$LATEST` or a version's number.
    pub version: String,
    /// Parts of the traffic, 0 to 1, that other versions get.
    pub weights: BTreeMap<String, f64>,
    /// Changes with every change.
    pub revision_id: String,
}

/// A resource policy.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PolicyRecord {
    /// Its statements in the order in which they were added.
    pub statements: Vec<serde_json::Value>,
    /// The unique ids of the users and roles that statements are about, by statement: who gets the name of one that is
    /// gone does not get its rights.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub principal_ids: BTreeMap<String, String>,
    /// Changes with every change.
    pub revision_id: String,
}

/// What is to become of asynchronous events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventInvokeConfigRecord {
    /// 60 to 21,600.
    pub maximum_event_age_s: Option<u32>,
    /// 0 to 2.
    pub maximum_retry_attempts: Option<u32>,
    /// The ARN of the function that is told of successes.
    pub on_success: Option<String>,
    /// The ARN of the function that is told of failures.
    pub on_failure: Option<String>,
    /// Milliseconds since the epoch.
    pub last_modified_ms: u64,
}

/// Work for the reconciler; all of it stands in the version's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReconcileRecord {}

/// The key of an asynchronous event: its function, when it is due, its id. By function, because functions take turns.
pub type AsyncEventRow = (AccountId, Region, String, Time, RequestId);

/// An asynchronous event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AsyncEventRecord {
    /// The qualifier that the caller named.
    pub qualifier: Option<String>,
    /// The event.
    pub payload: PayloadRecord,
    /// When it was accepted, in milliseconds since the epoch.
    pub accepted_ms: u64,
    /// How often the function has run for it.
    pub attempts: u32,
    /// How often it could not be run since it last ran.
    pub throttles: u32,
    /// How many services and functions stand before it.
    pub hops: u8,
    /// The trace header of its invocation.
    #[serde(default)]
    pub trace: Option<String>,
    /// The tenant for which the function runs, where it keeps tenants apart.
    #[serde(default)]
    pub tenant: Option<String>,
}

/// An event's body.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadRecord {
    /// The JSON text itself.
    Inline(String),
    /// The digest under which `blobs` has the event's id and the JSON text.
    Blob(String),
}
