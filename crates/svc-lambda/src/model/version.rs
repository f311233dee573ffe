//! Versions of a function: their states, and how the API shows them.
//!
//! `Pending -> Active | Failed` at creation; after that `LastUpdateStatus` goes `InProgress -> Successful | Failed` with
//! every update of `$LATEST`.
//! <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>

use crate::model::managed_instances;
use crate::model::name::{self, FunctionKey, LATEST, LATEST_PUBLISHED, LATEST_PUBLISHED_NUMBER};
use crate::model::runtime;
use crate::tables::{
    BeforeUpdateRecord, CodeRecord, Configuration, DurableConfigRecord, ReasonRecord, StateRecord,
    UpdateRecord, VersionRecord,
};
use crate::{Result, errors};
use base::{Entropy, RequestId, Time};
use sha2::{Digest, Sha256};
use wire_lambda as w;

/// What a change of a version needs from outside a transaction.
#[derive(Clone)]
pub struct Change {
    /// Becomes the revision id.
    pub revision_id: String,
    /// Becomes the configuration's revision where code or configuration change.
    pub configuration_revision: String,
    /// When it happens.
    pub now: Time,
}

impl Change {
    /// At `now`, with new ids.
    pub fn new(now: Time, entropy: &dyn Entropy) -> Self {
        Change {
            revision_id: RequestId::new(entropy).to_string(),
            configuration_revision: RequestId::new(entropy).to_string(),
            now,
        }
    }
}

/// What an update replaces.
#[derive(Clone)]
pub enum Update {
    /// The package, and the architecture where it is given.
    Code(CodeRecord, Option<String>),
    /// The configuration.
    Configuration(Box<Configuration>),
}

/// Recorded: creation and updates say the same.
const IN_PROGRESS: &str = "The function is being created.";

impl VersionRecord {
    /// A new version that waits for the reconciler.
    pub fn pending(configuration: Configuration, code: CodeRecord, change: Change) -> Self {
        VersionRecord {
            configuration,
            code,
            last_modified_ms: change.now.unix_ms(),
            revision_id: change.revision_id,
            configuration_revision: change.configuration_revision,
            state: StateRecord::Pending,
            last_update: None,
            published_from: None,
            before_update: None,
        }
    }

    /// What is published of `$LATEST`, with a description of its own where one is given.
    pub fn published(&self, description: Option<String>, change: &Change) -> Self {
        let mut version = self.clone();
        version.published_from = Some(self.fingerprint());
        version.before_update = None;
        version.configuration.description =
            description.unwrap_or_else(|| self.configuration.description.clone());
        version.revision_id.clone_from(&change.revision_id);
        if version.configuration.snap_start || version.configuration.managed.is_some() {
            // Until the snapshot is made, or environments are there.
            version.state = StateRecord::Pending;
            version.last_update = None;
        }
        version.configuration_revision.clone_from(&change.configuration_revision);
        version
    }

    /// Ok if `$LATEST` may be changed by a caller who has seen `revision_id`.
    pub fn check_changeable(&self, key: &FunctionKey, revision_id: Option<&str>) -> Result<()> {
        if self.state == StateRecord::Pending || self.last_update == Some(UpdateRecord::InProgress)
        {
            return Err(errors::update_in_progress(&name::function_arn(key)));
        }
        if revision_id.is_some_and(|id| id != self.revision_id) {
            return Err(errors::revision_mismatch());
        }
        Ok(())
    }

    /// Replaces code or configuration and waits for the reconciler.
    pub fn begin_update(&mut self, update: Update, change: Change) {
        let failed = matches!(self.last_update, Some(UpdateRecord::Failed(_)));
        if self.state == StateRecord::Active && !failed {
            self.before_update = Some(Box::new(BeforeUpdateRecord {
                configuration: self.configuration.clone(),
                code: self.code.clone(),
                configuration_revision: self.configuration_revision.clone(),
            }));
        }
        match update {
            Update::Configuration(configuration) => self.configuration = *configuration,
            Update::Code(code, architecture) => {
                self.code = code;
                if let Some(architecture) = architecture {
                    self.configuration.architecture = architecture;
                }
            }
        }
        self.last_modified_ms = change.now.unix_ms();
        self.revision_id = change.revision_id;
        self.configuration_revision = change.configuration_revision;
        self.last_update = Some(UpdateRecord::InProgress);
    }

    /// Stands in the place of `before`, which goes on running until this can.
    pub fn replace(&mut self, before: VersionRecord) {
        self.state = StateRecord::Active;
        self.last_update = Some(UpdateRecord::InProgress);
        self.before_update = Some(Box::new(BeforeUpdateRecord {
            configuration: before.configuration,
            code: before.code,
            configuration_revision: before.configuration_revision,
        }));
    }

    /// The reconciler is done. `outcome` tells whether the version can run.
    pub fn finish(&mut self, outcome: std::result::Result<(), ReasonRecord>, change: &Change) {
        self.revision_id.clone_from(&change.revision_id);
        let published = self.published_from.is_some();
        let active = match self.configuration.managed.is_some() && !published {
            true => StateRecord::ActiveNonInvocable,
            false => StateRecord::Active,
        };
        (self.state, self.last_update) = match outcome {
            Ok(()) => {
                self.before_update = None;
                (active, Some(UpdateRecord::Successful))
            }
            // What ran before goes on running.
            Err(reason) if self.before_update.is_some() => {
                (active, Some(UpdateRecord::Failed(reason)))
            }
            Err(reason) => {
                let failed = UpdateRecord::Failed(reason.clone());
                (StateRecord::Failed(reason), Some(failed))
            }
        };
    }

    /// What runs: this, or after an update that failed what was there before.
    pub fn in_force(mut self) -> Self {
        // On managed instances also until the new environments are there.
        let replaced = match &self.last_update {
            Some(UpdateRecord::Failed(_)) => true,
            Some(UpdateRecord::InProgress) => {
                self.configuration.managed.is_some() && self.published_from.is_some()
            }
            _ => false,
        };
        if replaced && let Some(before) = self.before_update.take() {
            self.configuration = before.configuration;
            self.code = before.code;
            self.configuration_revision = before.configuration_revision;
        }
        self
    }

    /// Ok if invocations may go to it.
    pub fn check_invocable(&self) -> Result<()> {
        match &self.state {
            StateRecord::Active => Ok(()),
            StateRecord::Pending => Err(errors::function_in_state("Pending")),
            StateRecord::Failed(reason) => Err(errors::not_invocable(&reason.text)),
            state => Err(errors::function_in_state(self::state(state).as_str())),
        }
    }

    /// A digest of all that makes a published version: if it is that of the last one, nothing is published.
    pub fn fingerprint(&self) -> String {
        let configuration = serde_json::to_vec(&self.configuration)
            .expect("the configuration is texts and numbers");
        let key_arn = self.code.key.as_ref().map_or("", |key| &key.arn);
        let digest = Sha256::new().chain_update(&self.code.sha256).chain_update(key_arn);
        let digest = digest.chain_update(configuration);
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// How much of a version an answer shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// In lists states and the runtime's version are left out (recorded).
    Listed,
    /// Everything.
    Full,
}

/// As the API shows the version `version` of a function, but with sealed variables: `variables::show` opens them.
/// `qualifier` stands in the ARN: that of the request.
pub fn to_wire(
    key: &FunctionKey,
    record: &VersionRecord,
    version: &str,
    qualifier: Option<&str>,
    detail: Detail,
) -> w::FunctionConfiguration {
    let configuration = &record.configuration;
    let arn = name::function_arn(key);
    let mut shown = w::FunctionConfiguration {
        function_name: Some(key.2.clone()),
        function_arn: Some(qualifier.map_or(arn.clone(), |qualifier| format!("{arn}:{qualifier}"))),
        runtime: Some(configuration.runtime.clone()),
        role: Some(configuration.role.clone()),
        handler: Some(configuration.handler.clone()),
        code_size: i64::try_from(record.code.size).ok(),
        description: Some(configuration.description.clone()),
        timeout: i32::try_from(configuration.timeout_s).ok(),
        memory_size: i32::try_from(configuration.memory_mib).ok(),
        last_modified: Some(last_modified(record.last_modified_ms)),
        code_sha256: Some(record.code.sha256.clone()),
        version: Some(version.to_string()),
        environment: configuration
            .environment
            .clone()
            .map(|variables| w::EnvironmentResponse { variables: Some(variables), error: None }),
        kms_key_arn: configuration.kms_key_arn.clone(),
        tracing_config: Some(w::TracingConfigResponse {
            mode: w::TracingMode::parse(&configuration.tracing_mode),
        }),
        revision_id: Some(record.revision_id.clone()),
        package_type: Some(w::PackageType::Zip),
        architectures: w::Architecture::parse(&configuration.architecture).map(|one| vec![one]),
        ephemeral_storage: i32::try_from(configuration.ephemeral_storage_mib)
            .ok()
            .map(|size| w::EphemeralStorage { size }),
        // Functions on managed instances have no such member (what clients report).
        snap_start: configuration.managed.is_none().then_some(w::SnapStartResponse {
            apply_on: Some(match configuration.snap_start {
                true => w::SnapStartApplyOn::PublishedVersions,
                false => w::SnapStartApplyOn::None,
            }),
            optimization_status: Some(match configuration.snap_start && version != name::LATEST {
                true => w::SnapStartOptimizationStatus::On,
                false => w::SnapStartOptimizationStatus::Off,
            }),
        }),
        logging_config: Some(logging(configuration)),
        layers: layers(configuration),
        dead_letter_config: configuration
            .dead_letter
            .clone()
            .map(|arn| w::DeadLetterConfig { target_arn: Some(arn) }),
        tenancy_config: configuration.tenant_isolation.then_some(w::TenancyConfig {
            tenant_isolation_mode: w::TenantIsolationMode::PerTenant,
        }),
        vpc_config: configuration.shows_no_vpc.then(no_vpc),
        durable_config: configuration.durable.as_ref().map(durable),
        capacity_provider_config: configuration.managed.as_ref().map(managed_instances::to_wire),
        ..Default::default()
    };
    if detail == Detail::Full {
        show_states(record, &mut shown);
        shown.runtime_version_config = Some(w::RuntimeVersionConfig {
            runtime_version_arn: Some(runtime::version_arn(&key.1, &configuration.runtime)),
            error: None,
        });
    }
    shown
}

/// Recorded of functions whose VPC was taken away.
fn no_vpc() -> w::VpcConfigResponse {
    w::VpcConfigResponse {
        subnet_ids: Some(Vec::new()),
        security_group_ids: Some(Vec::new()),
        vpc_id: Some(String::new()),
        ipv6_allowed_for_dual_stack: Some(false),
    }
}

/// The API's word for it.
pub fn state(state: &StateRecord) -> w::State {
    match state {
        StateRecord::Pending => w::State::Pending,
        StateRecord::Active => w::State::Active,
        StateRecord::ActiveNonInvocable => w::State::ActiveNonInvocable,
        StateRecord::Deactivating => w::State::Deactivating,
        StateRecord::Deactivated => w::State::Deactivated,
        StateRecord::Failed(_) => w::State::Failed,
    }
}

fn show_states(record: &VersionRecord, shown: &mut w::FunctionConfiguration) {
    shown.state = Some(state(&record.state));
    match &record.state {
        StateRecord::Pending => {
            shown.state_reason = Some(IN_PROGRESS.to_string());
            shown.state_reason_code = Some("Creating".to_string());
        }
        StateRecord::Failed(reason) => {
            shown.state_reason = Some(reason.text.clone());
            shown.state_reason_code = Some(reason.code.clone());
        }
        StateRecord::Active
        | StateRecord::ActiveNonInvocable
        | StateRecord::Deactivating
        | StateRecord::Deactivated => {}
    }
    match &record.last_update {
        None => {}
        Some(UpdateRecord::Successful) => {
            shown.last_update_status = Some(w::LastUpdateStatus::Successful);
        }
        Some(UpdateRecord::InProgress) => {
            shown.last_update_status = Some(w::LastUpdateStatus::InProgress);
            shown.last_update_status_reason = Some(IN_PROGRESS.to_string());
            shown.last_update_status_reason_code = Some("Creating".to_string());
        }
        Some(UpdateRecord::Failed(reason)) => {
            shown.last_update_status = Some(w::LastUpdateStatus::Failed);
            shown.last_update_status_reason = Some(reason.text.clone());
            shown.last_update_status_reason_code = Some(reason.code.clone());
        }
    }
}

/// The member is missing where there are none (recorded).
fn durable(durable: &DurableConfigRecord) -> w::DurableConfig {
    w::DurableConfig {
        execution_timeout: i32::try_from(durable.execution_timeout_s).ok(),
        retention_period_in_days: i32::try_from(durable.retention_days).ok(),
    }
}

fn layers(configuration: &Configuration) -> Option<Vec<w::Layer>> {
    let shown = configuration.layers.iter().map(|layer| w::Layer {
        arn: Some(layer.arn.clone()),
        code_size: i64::try_from(layer.code.size).ok(),
        ..Default::default()
    });
    (!configuration.layers.is_empty()).then(|| shown.collect())
}

fn logging(configuration: &Configuration) -> w::LoggingConfig {
    let logging = &configuration.logging;
    let level = |level: &Option<String>| level.clone();
    w::LoggingConfig {
        log_format: Some(if logging.json { w::LogFormat::Json } else { w::LogFormat::Text }),
        application_log_level: level(&logging.application_level)
            .and_then(|level| w::ApplicationLogLevel::parse(&level)),
        system_log_level: level(&logging.system_level)
            .and_then(|level| w::SystemLogLevel::parse(&level)),
        log_group: Some(logging.group.clone()),
    }
}

/// A time as AWS writes it here: `2026-11-22T14:54:00.000+0000`.
pub fn last_modified(ms: u64) -> String {
    let text = Time::from_unix_ms(ms).to_string();
    format!("{}+0000", text.trim_end_matches('Z'))
}

/// What a version's number is called; 0 stands for `$LATEST`.
pub fn number_name(number: u64) -> String {
    match number {
        0 => LATEST.to_string(),
        LATEST_PUBLISHED_NUMBER => LATEST_PUBLISHED.to_string(),
        number => number.to_string(),
    }
}

/// The number of a published version that is called so.
pub fn number(version: &str) -> Option<u64> {
    match name::Qualifier::of(version) {
        name::Qualifier::Version(number) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
