//! What a caller configures of a function: defaults, limits, and what is not carried out yet.

use crate::durable::errors as durable_errors;
use crate::model::{environment_variables, managed_instances, runtime};
use crate::tables::{Configuration, DurableConfigRecord, LoggingRecord};
use crate::{Result, errors, limits};
use std::ops::RangeInclusive;
use wire_lambda as w;

/// The configuration of a new function called `name`.
pub fn create(name: &str, request: &w::CreateFunctionRequest) -> Result<Configuration> {
    check_built(&[
        (
            "PackageType Image, which needs Amazon ECR,",
            request.package_type == Some(w::PackageType::Image),
        ),
        ("ImageConfig, which needs Amazon ECR,", request.image_config.is_some()),
        (
            "CapacityProviderConfig of a durable function",
            request.capacity_provider_config.is_some() && request.durable_config.is_some(),
        ),
    ])?;
    check_built_in_both(&Both {
        vpc: request.vpc_config.as_ref(),
        file_systems: &request.file_system_configs,
    })?;
    let (Some(runtime), Some(handler)) = (&request.runtime, &request.handler) else {
        return Err(errors::runtime_and_handler_required());
    };
    runtime::check(runtime)?;
    let architecture = request.architectures.as_ref().and_then(|list| list.first());
    let environment = request.environment.as_ref().map(variables).transpose()?;
    let managed = request.capacity_provider_config.as_ref();
    let managed =
        managed.map(|config| managed_instances::from_wire(config, runtime)).transpose()?;
    if request.publish_to.is_some() && managed.is_none() {
        return Err(errors::capacity_providers::publish_to_default_function());
    }
    let memory_default = match managed {
        Some(_) => limits::MANAGED_MEMORY_MIB_MIN,
        None => limits::MEMORY_MIB_DEFAULT as u32,
    };
    // Functions on managed instances log in JSON (what clients report).
    let json = managed.is_some();
    let configuration = Configuration {
        description: request.description.clone().unwrap_or_default(),
        runtime: runtime.clone(),
        handler: handler.clone(),
        role: request.role.clone(),
        memory_mib: memory(request.memory_size)?.unwrap_or(memory_default),
        timeout_s: timeout(request.timeout)?.unwrap_or(limits::TIMEOUT_S_DEFAULT as u32),
        ephemeral_storage_mib: ephemeral_storage(request.ephemeral_storage.as_ref())?
            .unwrap_or(limits::EPHEMERAL_STORAGE_MIB_DEFAULT as u32),
        architecture: architecture.map_or("x86_64", |a| a.as_str()).to_string(),
        environment,
        kms_key_arn: request.kms_key_arn.clone().filter(|arn| !arn.is_empty()),
        tracing_mode: tracing(request.tracing_config.as_ref()).unwrap_or("PassThrough").to_string(),
        logging: logging(&default_logging(name, json), request.logging_config.as_ref())?,
        dead_letter: dead_letter(request.dead_letter_config.as_ref()),
        // They are looked up in other rows.
        layers: Vec::new(),
        durable: durable(None, request.durable_config.as_ref())?,
        managed,
        tenant_isolation: request.tenancy_config.is_some(),
        snap_start: wants_snap_start(request.snap_start.as_ref()).unwrap_or(false),
        shows_no_vpc: names_no_vpc(request.vpc_config.as_ref()),
    };
    check_snap_start(&configuration)?;
    managed_instances::check(&configuration)?;
    Ok(configuration)
}

/// `current` with what `request` changes.
pub fn update(
    current: &Configuration,
    request: &w::UpdateFunctionConfigurationRequest,
) -> Result<Configuration> {
    check_built(&[("ImageConfig, which needs Amazon ECR,", request.image_config.is_some())])?;
    check_built_in_both(&Both {
        vpc: request.vpc_config.as_ref(),
        file_systems: &request.file_system_configs,
    })?;
    let mut next = current.clone();
    if let Some(runtime) = &request.runtime {
        runtime::check(runtime)?;
        next.runtime.clone_from(runtime);
    }
    let set = |to: &mut String, from: &Option<String>| {
        if let Some(from) = from {
            to.clone_from(from);
        }
    };
    set(&mut next.description, &request.description);
    set(&mut next.handler, &request.handler);
    set(&mut next.role, &request.role);
    next.memory_mib = memory(request.memory_size)?.unwrap_or(next.memory_mib);
    next.timeout_s = timeout(request.timeout)?.unwrap_or(next.timeout_s);
    let ephemeral_storage_mib = ephemeral_storage(request.ephemeral_storage.as_ref())?;
    next.ephemeral_storage_mib = ephemeral_storage_mib.unwrap_or(next.ephemeral_storage_mib);
    if let Some(environment) = &request.environment {
        next.environment = Some(variables(environment)?);
    }
    if let Some(arn) = &request.kms_key_arn {
        // An empty one gives the function back to `aws/lambda`.
        next.kms_key_arn = Some(arn.clone()).filter(|arn| !arn.is_empty());
    }
    if let Some(mode) = tracing(request.tracing_config.as_ref()) {
        next.tracing_mode = mode.to_string();
    }
    if request.dead_letter_config.is_some() {
        next.dead_letter = dead_letter(request.dead_letter_config.as_ref());
    }
    if request.logging_config.is_some() {
        next.logging = logging(&current.logging, request.logging_config.as_ref())?;
    }
    if request.durable_config.is_some() && current.durable.is_none() {
        return Err(durable_errors::durable_only_at_creation());
    }
    next.durable = durable(current.durable.as_ref(), request.durable_config.as_ref())?;
    next.shows_no_vpc |= names_no_vpc(request.vpc_config.as_ref());
    next.snap_start = wants_snap_start(request.snap_start.as_ref()).unwrap_or(next.snap_start);
    if let Some(config) = &request.capacity_provider_config {
        if next.managed.is_none() {
            return Err(errors::capacity_providers::not_for_default_functions());
        }
        next.managed = Some(managed_instances::from_wire(config, &next.runtime)?);
    } else if let Some(managed) = &next.managed {
        // The runtime may be another one.
        managed_instances::from_wire(&managed_instances::to_wire(managed), &next.runtime)?;
    }
    check_snap_start(&next)?;
    managed_instances::check(&next)?;
    Ok(next)
}

fn wants_snap_start(config: Option<&w::SnapStart>) -> Option<bool> {
    let published = |apply_on| apply_on == w::SnapStartApplyOn::PublishedVersions;
    config?.apply_on.map(published)
}

fn check_snap_start(configuration: &Configuration) -> Result<()> {
    if !configuration.snap_start {
        return Ok(());
    }
    if !runtime::has_snap_start(&configuration.runtime) {
        return Err(errors::no_snap_start(&configuration.runtime));
    }
    if configuration.tenant_isolation {
        return Err(errors::snap_start_with_tenants());
    }
    if configuration.ephemeral_storage_mib > limits::SNAPSTART_EPHEMERAL_STORAGE_MIB {
        return Err(errors::snap_start_ephemeral_storage());
    }
    Ok(())
}

/// Parameters that both requests have.
struct Both<'r> {
    vpc: Option<&'r w::VpcConfig>,
    file_systems: &'r Option<Vec<w::FileSystemConfig>>,
}

/// Tools send many of these empty, which asks for nothing.
fn check_built_in_both(request: &Both<'_>) -> Result<()> {
    let some = |list: Option<&Vec<String>>| list.is_some_and(|list| !list.is_empty());
    let vpc = request
        .vpc
        .is_some_and(|vpc| some(vpc.subnet_ids.as_ref()) || some(vpc.security_group_ids.as_ref()));
    check_built(&[
        ("VpcConfig, which needs Amazon EC2,", vpc),
        (
            "FileSystemConfigs, which needs Amazon EFS,",
            request.file_systems.as_ref().is_some_and(|list| !list.is_empty()),
        ),
    ])
}

/// Whether a VPC is taken away or explicitly not given.
fn names_no_vpc(vpc: Option<&w::VpcConfig>) -> bool {
    vpc.is_some_and(|vpc| vpc.subnet_ids.is_some() || vpc.security_group_ids.is_some())
}

fn check_built(parameters: &[(&str, bool)]) -> Result<()> {
    match parameters.iter().find(|(_, used)| *used) {
        Some((name, _)) => Err(errors::not_built(&format!("The parameter {name}"))),
        None => Ok(()),
    }
}

fn within(member: &str, value: Option<i32>, range: &RangeInclusive<i32>) -> Result<Option<u32>> {
    match value {
        Some(value) if value > *range.end() => {
            Err(errors::above_maximum(member, value, *range.end()))
        }
        Some(value) if value < *range.start() => {
            Err(errors::below_minimum(member, value, *range.start()))
        }
        _ => Ok(value.map(i32::unsigned_abs)),
    }
}

fn memory(value: Option<i32>) -> Result<Option<u32>> {
    within("memorySize", value, &limits::MEMORY_MIB)
}

fn timeout(value: Option<i32>) -> Result<Option<u32>> {
    within("timeout", value, &(1..=limits::TIMEOUT_S_MAX))
}

fn ephemeral_storage(value: Option<&w::EphemeralStorage>) -> Result<Option<u32>> {
    within("ephemeralStorage.size", value.map(|value| value.size), &limits::EPHEMERAL_STORAGE_MIB)
}

fn variables(environment: &w::Environment) -> Result<std::collections::BTreeMap<String, String>> {
    let variables = environment.variables.clone().unwrap_or_default();
    environment_variables::check(&variables)?;
    Ok(variables)
}

fn tracing(config: Option<&w::TracingConfig>) -> Option<&'static str> {
    config?.mode.map(|mode| mode.as_str())
}

/// An empty ARN takes the queue away.
fn dead_letter(config: Option<&w::DeadLetterConfig>) -> Option<String> {
    config?.target_arn.clone().filter(|arn| !arn.is_empty())
}

fn default_group(name: &str) -> String {
    format!("/aws/lambda/{name}")
}

fn default_logging(name: &str, json: bool) -> LoggingRecord {
    let level = || json.then(|| "INFO".to_string());
    LoggingRecord {
        json,
        application_level: level(),
        system_level: level(),
        group: default_group(name),
    }
}

/// Recorded: with JSON both levels are `INFO` where they are not given; with text there are none.
fn logging(current: &LoggingRecord, config: Option<&w::LoggingConfig>) -> Result<LoggingRecord> {
    let Some(config) = config else { return Ok(current.clone()) };
    let json = config.log_format.map_or(current.json, |format| format == w::LogFormat::Json);
    let application = config.application_log_level.map(|level| level.as_str().to_string());
    let system = config.system_log_level.map(|level| level.as_str().to_string());
    if !json && (application.is_some() || system.is_some()) {
        return Err(errors::log_levels_with_text());
    }
    let info = || json.then(|| "INFO".to_string());
    let kept = |level: &Option<String>| json.then(|| level.clone()).flatten();
    Ok(LoggingRecord {
        json,
        application_level: application.or(kept(&current.application_level)).or_else(info),
        system_level: system.or(kept(&current.system_level)).or_else(info),
        group: config.log_group.clone().unwrap_or_else(|| current.group.clone()),
    })
}

/// What `config` leaves out stays as it is.
fn durable(
    current: Option<&DurableConfigRecord>,
    config: Option<&w::DurableConfig>,
) -> Result<Option<DurableConfigRecord>> {
    let Some(config) = config else { return Ok(current.cloned()) };
    let timeout = within(
        "durableConfig.executionTimeout",
        config.execution_timeout,
        &limits::DURABLE_TIMEOUT_S,
    )?;
    let retention = within(
        "durableConfig.retentionPeriodInDays",
        config.retention_period_in_days,
        &limits::DURABLE_RETENTION_DAYS,
    )?;
    let timeout = timeout.or(current.map(|current| current.execution_timeout_s));
    let retention = retention.or(current.map(|current| current.retention_days));
    Ok(Some(DurableConfigRecord {
        execution_timeout_s: timeout.ok_or_else(durable_errors::execution_timeout_missing)?,
        retention_days: retention.unwrap_or(limits::DURABLE_RETENTION_DAYS_DEFAULT),
    }))
}

#[cfg(test)]
mod tests;
