//! Functions on Lambda Managed Instances: what a caller configures, and how their versions scale.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html>

use crate::Result;
use crate::errors::capacity_providers as errors;
use crate::limits;
use crate::model::runtime;
use crate::tables::{Configuration, FunctionScalingRecord, ManagedInstancesRecord, ScalingRecord};
use wire_lambda as w;

/// What a request asks for.
pub fn from_wire(
    config: &w::CapacityProviderConfig,
    runtime: &str,
) -> Result<ManagedInstancesRecord> {
    let config = &config.lambda_managed_instances_capacity_provider_config;
    let per_vcpu = runtime::managed_concurrency(runtime)
        .ok_or_else(|| errors::runtime_not_supported(runtime))?;
    let max_concurrency = config.per_execution_environment_max_concurrency;
    Ok(ManagedInstancesRecord {
        capacity_provider_arn: config.capacity_provider_arn.clone(),
        max_concurrency: max_concurrency
            .and_then(|max| u32::try_from(max).ok())
            .unwrap_or(per_vcpu),
        memory_gib_per_vcpu: config
            .execution_environment_memory_gi_b_per_v_cpu
            .unwrap_or(limits::MANAGED_MEMORY_GIB_PER_VCPU_DEFAULT),
    })
}

/// Ok if a function can be configured so. Errors: its memory is too small, its log is not JSON, or it has what these
/// functions cannot have.
pub fn check(configuration: &Configuration) -> Result<()> {
    let Some(managed) = &configuration.managed else { return Ok(()) };
    if configuration.memory_mib < limits::MANAGED_MEMORY_MIB_MIN {
        return Err(errors::memory_too_small(configuration.memory_mib));
    }
    let vcpus = vcpus(configuration, managed);
    if vcpus < 1.0 {
        return Err(errors::less_than_a_vcpu());
    }
    if f64::from(managed.max_concurrency)
        > f64::from(limits::MANAGED_CONCURRENCY_PER_VCPU_MAX) * vcpus
    {
        return Err(errors::concurrency_too_high(managed.max_concurrency));
    }
    if !configuration.logging.json {
        return Err(crate::errors::log_levels_with_text());
    }
    let without = [
        (configuration.snap_start, "SnapStart"),
        (configuration.tenant_isolation, "TenancyConfig"),
    ];
    match without.iter().find(|(has, _)| *has) {
        Some((_, what)) => Err(errors::not_with_managed_instances(what)),
        None => Ok(()),
    }
}

/// CPU of one environment.
pub fn vcpus(configuration: &Configuration, managed: &ManagedInstancesRecord) -> f64 {
    f64::from(configuration.memory_mib) / 1_024.0 / managed.memory_gib_per_vcpu
}

/// As the API shows it.
pub fn to_wire(managed: &ManagedInstancesRecord) -> w::CapacityProviderConfig {
    w::CapacityProviderConfig {
        lambda_managed_instances_capacity_provider_config:
            w::LambdaManagedInstancesCapacityProviderConfig {
                capacity_provider_arn: managed.capacity_provider_arn.clone(),
                per_execution_environment_max_concurrency: i32::try_from(managed.max_concurrency)
                    .ok(),
                execution_environment_memory_gi_b_per_v_cpu: Some(managed.memory_gib_per_vcpu),
            },
    }
}

/// What versions have of which nobody said anything.
pub const SCALING_DEFAULT: ScalingRecord =
    ScalingRecord { min: limits::MANAGED_ENVIRONMENTS_MIN_DEFAULT, max: None };

/// The same as a row.
pub const FUNCTION_SCALING_DEFAULT: FunctionScalingRecord =
    FunctionScalingRecord { requested: SCALING_DEFAULT, applied: SCALING_DEFAULT };

/// What a request asks for; what it leaves out is as by default.
pub fn scaling(config: Option<&w::FunctionScalingConfig>) -> Result<ScalingRecord> {
    let Some(config) = config else { return Ok(SCALING_DEFAULT) };
    let count = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    let max = count(config.max_execution_environments);
    let min = count(config.min_execution_environments).unwrap_or(SCALING_DEFAULT.min);
    if max.is_some_and(|max| min > max) {
        return Err(errors::scaling_min_above_max());
    }
    if min == 0 && max != Some(0) {
        return Err(errors::scaling_min_zero());
    }
    Ok(ScalingRecord { min, max })
}

/// As the API shows it.
pub fn scaling_to_wire(scaling: ScalingRecord) -> w::FunctionScalingConfig {
    w::FunctionScalingConfig {
        min_execution_environments: i32::try_from(scaling.min).ok(),
        max_execution_environments: scaling.max.and_then(|max| i32::try_from(max).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_only_with_zero() {
        let asked = |min, max| {
            scaling(Some(&w::FunctionScalingConfig {
                min_execution_environments: min,
                max_execution_environments: max,
            }))
        };
        assert_eq!(asked(Some(0), Some(0)).unwrap(), ScalingRecord { min: 0, max: Some(0) });
        assert_eq!(asked(None, Some(5)).unwrap(), ScalingRecord { min: 3, max: Some(5) });
        assert_eq!(asked(Some(1), None).unwrap(), ScalingRecord { min: 1, max: None });
        for (min, max) in [(Some(0), Some(1)), (Some(0), None), (Some(3), Some(2)), (None, Some(1))]
        {
            assert!(asked(min, max).is_err(), "{min:?} {max:?}");
        }
    }
}
