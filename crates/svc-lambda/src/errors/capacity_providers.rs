//! What is said about capacity providers and functions on Lambda Managed Instances.

use super::{conflict, invalid_parameter, not_found};
use crate::limits;
use wire::Error;
use wire_lambda as w;

/// guess
pub fn missing(name: &str) -> Error {
    not_found(format!("Capacity provider not found: {name}"))
}

/// guess
pub fn exists(name: &str) -> Error {
    conflict(format!("Capacity provider already exists: {name}"))
}

/// docs: <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteCapacityProvider.html>; the text is a guess
pub fn in_use(arn: &str) -> Error {
    conflict(format!(
        "The capacity provider {arn} cannot be deleted because function versions are associated with it."
    ))
}

/// guess
pub fn not_active(arn: &str, state: &str) -> Error {
    conflict(format!(
        "The operation cannot be performed at this time. The capacity provider {arn} is currently in the following state: {state}"
    ))
}

/// docs: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-quotas.html>; the text is a guess
pub fn too_many() -> Error {
    w::CapacityProviderLimitExceededException {
        r#type: Some("User".into()),
        message: Some(format!(
            "The maximum number of capacity providers ({}) has been exceeded.",
            limits::CAPACITY_PROVIDERS_MAX
        )),
    }
    .into()
}

/// docs: as above
pub fn too_many_versions(arn: &str) -> Error {
    w::FunctionVersionsPerCapacityProviderLimitExceededException {
        r#type: Some("User".into()),
        message: Some(format!(
            "The maximum number of function versions ({}) of the capacity provider {arn} has been exceeded.",
            limits::CAPACITY_PROVIDER_VERSIONS_MAX
        )),
    }
    .into()
}

/// As for the parameters whose form the API's model knows; the form is that of the documentation.
pub fn id_malformed(member: &str, ids: &[String], prefix: &str) -> Error {
    invalid_parameter(format!(
        "1 validation error detected: Value '[{}]' at 'vpcConfig.{member}' failed to satisfy constraint: Member must satisfy \
         constraint: [Member must satisfy regular expression pattern: {prefix}[0-9a-z]+]",
        ids.join(", ")
    ))
}

/// guess
pub fn instance_types_exclusive() -> Error {
    invalid_parameter("AllowedInstanceTypes and ExcludedInstanceTypes cannot both be specified.")
}

/// guess
pub fn scaling_policies_missing() -> Error {
    invalid_parameter("ScalingPolicies are required when ScalingMode is Manual.")
}

/// guess
pub fn scaling_policies_unexpected() -> Error {
    invalid_parameter("ScalingPolicies can only be specified when ScalingMode is Manual.")
}

/// guess
pub fn operator_role_not_assumable() -> Error {
    invalid_parameter("The role defined for the capacity provider cannot be assumed by Lambda.")
}

/// guess; which they are: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html>
pub fn runtime_not_supported(runtime: &str) -> Error {
    invalid_parameter(format!(
        "The runtime {runtime} is not supported for Lambda Managed Instances functions."
    ))
}

/// docs: what clients report of functions that were created without
pub fn not_for_default_functions() -> Error {
    invalid_parameter("CapacityProviderConfig isn't supported for Lambda Default functions.")
}

/// guess
pub fn publish_to_default_function() -> Error {
    invalid_parameter("PublishTo isn't supported for Lambda Default functions.")
}

/// guess
pub fn memory_too_small(memory_mib: u32) -> Error {
    invalid_parameter(format!(
        "MemorySize {memory_mib} is not supported for Lambda Managed Instances functions. The minimum is {} MB.",
        limits::MANAGED_MEMORY_MIB_MIN
    ))
}

/// docs: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html>; the text is a guess
pub fn less_than_a_vcpu() -> Error {
    invalid_parameter(
        "MemorySize and ExecutionEnvironmentMemoryGiBPerVCpu must amount to at least one vCPU.",
    )
}

/// docs: as above
pub fn concurrency_too_high(max_concurrency: u32) -> Error {
    invalid_parameter(format!(
        "PerExecutionEnvironmentMaxConcurrency {max_concurrency} exceeds the maximum of {} per vCPU.",
        limits::MANAGED_CONCURRENCY_PER_VCPU_MAX
    ))
}

/// guess
pub fn not_with_managed_instances(what: &str) -> Error {
    invalid_parameter(format!("{what} is not supported for Lambda Managed Instances functions."))
}

/// guess
pub fn architecture_differs(function: &str, provider: &str) -> Error {
    invalid_parameter(format!(
        "The function's architecture {function} does not match the capacity provider's architecture {provider}."
    ))
}

/// guess
pub fn scaling_needs_managed_instances() -> Error {
    invalid_parameter("FunctionScalingConfig isn't supported for Lambda Default functions.")
}

/// docs: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html>; the text is a guess
pub fn scaling_min_above_max() -> Error {
    invalid_parameter(
        "MinExecutionEnvironments must be less than or equal to MaxExecutionEnvironments.",
    )
}

/// docs: as above
pub fn scaling_min_zero() -> Error {
    invalid_parameter("MinExecutionEnvironments can be 0 only when MaxExecutionEnvironments is 0.")
}

/// The name of the exception is documented, its text is a guess.
pub fn no_published_version(arn: &str) -> Error {
    w::NoPublishedVersionException {
        r#type: Some("User".into()),
        message: Some(format!("The function has no published versions available: {arn}")),
    }
    .into()
}
