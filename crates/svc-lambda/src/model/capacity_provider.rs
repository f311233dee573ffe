//! Capacity providers: what a caller says of them, and how the API shows them.
//!
//! The instances of a capacity provider are this host. Subnets, security groups, instance types and the operator role are
//! checked, kept and shown, but decide nothing; the architecture and the number of vCPUs do.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-capacity-providers.html>

use crate::Result;
use crate::errors::capacity_providers as errors;
use crate::limits::CAPACITY_PROVIDER_VCPUS_DEFAULT;
use crate::model::arn as arns;
use crate::model::tags;
use crate::model::version::last_modified;
use crate::tables::{CapacityProviderRecord, CapacityProviderState};
use base::{AccountId, Region, Time};
use seams::CallCx;
use std::collections::BTreeMap;
use wire_lambda as w;

/// A capacity provider in the place where it is looked for. The key of its row.
pub type ProviderKey = (AccountId, Region, String);

/// The capacity provider that a request names by its name or its ARN. Error: the ARN is of another account or region.
pub fn parse(cx: &CallCx, name: &str) -> Result<ProviderKey> {
    if !name.starts_with("arn:") {
        return Ok((cx.account, cx.region.clone(), name.to_string()));
    }
    let own = |key: &ProviderKey| key.0 == cx.account && key.1 == cx.region;
    key(name).filter(own).ok_or_else(|| errors::missing(name))
}

/// The capacity provider that an ARN names.
pub fn key(arn: &str) -> Option<ProviderKey> {
    arns::parse(arn, "capacity-provider:")
}

/// The ARN of a capacity provider.
pub fn arn((account, region, name): &ProviderKey) -> String {
    format!("arn:aws:lambda:{region}:{account}:capacity-provider:{name}")
}

/// A new one.
pub fn create(
    request: &w::CreateCapacityProviderRequest,
    now: Time,
) -> Result<CapacityProviderRecord> {
    let w::CreateCapacityProviderRequest { vpc_config, permissions_config, .. } = request;
    check_ids("subnetIds", &vpc_config.subnet_ids, "subnet-")?;
    check_ids("securityGroupIds", &vpc_config.security_group_ids, "sg-")?;
    let instances = request.instance_requirements.clone().unwrap_or_default();
    if instances.allowed_instance_types.as_ref().is_some_and(|types| !types.is_empty())
        && instances.excluded_instance_types.as_ref().is_some_and(|types| !types.is_empty())
    {
        return Err(errors::instance_types_exclusive());
    }
    let architecture = instances.architectures.and_then(|list| list.first().copied());
    let mut record = CapacityProviderRecord {
        state: CapacityProviderState::Pending,
        subnet_ids: vpc_config.subnet_ids.clone(),
        security_group_ids: vpc_config.security_group_ids.clone(),
        operator_role_arn: permissions_config.capacity_provider_operator_role_arn.clone(),
        architecture: architecture.map_or("x86_64", |one| one.as_str()).to_string(),
        allowed_instance_types: instances.allowed_instance_types,
        excluded_instance_types: instances.excluded_instance_types,
        max_vcpu_count: CAPACITY_PROVIDER_VCPUS_DEFAULT,
        scaling_mode: w::CapacityProviderScalingMode::Auto.as_str().to_string(),
        scaling_targets: Vec::new(),
        kms_key_arn: request.kms_key_arn.clone().filter(|arn| !arn.is_empty()),
        last_modified_ms: now.unix_ms(),
        tags: tags::merge(&BTreeMap::new(), &request.tags.clone().unwrap_or_default())?,
    };
    if let Some(config) = &request.capacity_provider_scaling_config {
        scale(&mut record, config)?;
    }
    Ok(record)
}

fn check_ids(member: &str, ids: &[String], prefix: &str) -> Result<()> {
    let fits = |id: &String| {
        id.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    };
    match ids.iter().all(fits) {
        true => Ok(()),
        false => Err(errors::id_malformed(member, ids, prefix)),
    }
}

/// Replaces how it scales; what `config` leaves out is as by default.
pub fn scale(
    record: &mut CapacityProviderRecord,
    config: &w::CapacityProviderScalingConfig,
) -> Result<()> {
    let mode = config.scaling_mode.unwrap_or(w::CapacityProviderScalingMode::Auto);
    let policies = config.scaling_policies.as_deref().unwrap_or_default();
    match mode {
        w::CapacityProviderScalingMode::Manual if policies.is_empty() => {
            return Err(errors::scaling_policies_missing());
        }
        w::CapacityProviderScalingMode::Auto if !policies.is_empty() => {
            return Err(errors::scaling_policies_unexpected());
        }
        _ => {}
    }
    let max = config.max_v_cpu_count.and_then(|count| u32::try_from(count).ok());
    record.max_vcpu_count = max.unwrap_or(CAPACITY_PROVIDER_VCPUS_DEFAULT);
    record.scaling_mode = mode.as_str().to_string();
    record.scaling_targets = policies.iter().map(|policy| policy.target_value).collect();
    Ok(())
}

/// As the API shows it.
pub fn to_wire(key: &ProviderKey, record: &CapacityProviderRecord) -> w::CapacityProvider {
    let policy = |target: &f64| w::TargetTrackingScalingPolicy {
        predefined_metric_type:
            w::CapacityProviderPredefinedMetricType::LambdaCapacityProviderAverageCpuUtilization,
        target_value: *target,
    };
    let policies: Vec<_> = record.scaling_targets.iter().map(policy).collect();
    w::CapacityProvider {
        capacity_provider_arn: arn(key),
        state: state(record.state),
        vpc_config: w::CapacityProviderVpcConfig {
            subnet_ids: record.subnet_ids.clone(),
            security_group_ids: record.security_group_ids.clone(),
        },
        permissions_config: w::CapacityProviderPermissionsConfig {
            capacity_provider_operator_role_arn: record.operator_role_arn.clone(),
        },
        instance_requirements: Some(w::InstanceRequirements {
            architectures: w::Architecture::parse(&record.architecture).map(|one| vec![one]),
            allowed_instance_types: record.allowed_instance_types.clone(),
            excluded_instance_types: record.excluded_instance_types.clone(),
        }),
        capacity_provider_scaling_config: Some(w::CapacityProviderScalingConfig {
            max_v_cpu_count: i32::try_from(record.max_vcpu_count).ok(),
            scaling_mode: w::CapacityProviderScalingMode::parse(&record.scaling_mode),
            scaling_policies: (!policies.is_empty()).then_some(policies),
        }),
        kms_key_arn: record.kms_key_arn.clone(),
        last_modified: Some(last_modified(record.last_modified_ms)),
    }
}

/// The API's word for it.
pub fn state(state: CapacityProviderState) -> w::CapacityProviderState {
    match state {
        CapacityProviderState::Pending => w::CapacityProviderState::Pending,
        CapacityProviderState::Active => w::CapacityProviderState::Active,
        CapacityProviderState::Deleting => w::CapacityProviderState::Deleting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let text = "arn:aws:lambda:us-east-1:111111111111:capacity-provider:mine";
        let key = key(text).expect("an ARN");
        assert_eq!((key.2.as_str(), arn(&key)), ("mine", text.to_string()));
        let ids = |all: &[&str]| all.iter().map(|id| id.to_string()).collect::<Vec<_>>();
        assert!(check_ids("subnetIds", &ids(&["subnet-0a1", "subnet-2"]), "subnet-").is_ok());
        for bad in ["subnet-", "sg-1", "subnet-A", ""] {
            assert!(check_ids("subnetIds", &ids(&["subnet-1", bad]), "subnet-").is_err(), "{bad}");
        }
    }
}
