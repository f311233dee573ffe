//! What goes on the bill.
//!
//! An invocation is billed for what its `REPORT` line tells, so log and bill agree: initialization counts where it took
//! place for the invocation, also if the function then failed or ran into its timeout. What was throttled or refused
//! never began and is not billed. Provisioned concurrency is billed for its initialization and for the time for which
//! environments are held, in blocks of five minutes.

use crate::Lambda;
use crate::limits::EPHEMERAL_STORAGE_MIB_DEFAULT;
use crate::model::report::{Report, billed_ms};
use crate::resolve::Target;
use crate::tables::Configuration;
use std::time::Duration;
use usage::{UsageType, usage_types as types};

/// The usage types of one architecture.
struct Types {
    request: &'static UsageType,
    duration: &'static UsageType,
    provisioned_duration: &'static UsageType,
    provisioned: &'static UsageType,
    storage: &'static UsageType,
}

static X86: Types = Types {
    request: &types::LAMBDA_REQUEST,
    duration: &types::LAMBDA_GB_SECOND,
    provisioned_duration: &types::LAMBDA_PROVISIONED_GB_SECOND,
    provisioned: &types::LAMBDA_PROVISIONED_CONCURRENCY,
    storage: &types::LAMBDA_STORAGE_GB_SECOND,
};

static ARM: Types = Types {
    request: &types::LAMBDA_REQUEST_ARM,
    duration: &types::LAMBDA_GB_SECOND_ARM,
    provisioned_duration: &types::LAMBDA_PROVISIONED_GB_SECOND_ARM,
    provisioned: &types::LAMBDA_PROVISIONED_CONCURRENCY_ARM,
    storage: &types::LAMBDA_STORAGE_GB_SECOND_ARM,
};

impl Types {
    fn of(configuration: &Configuration) -> &'static Self {
        if configuration.architecture == "arm64" { &ARM } else { &X86 }
    }
}

/// Puts one invocation on the bill.
pub(crate) fn record(lambda: &Lambda, target: &Target, report: &Report, provisioned: bool) {
    let configuration = &target.record.configuration;
    let (types, billed_ms) = (Types::of(configuration), report.billed_ms());
    let storage_mib = configuration.ephemeral_storage_mib;
    let storage_mib = storage_mib.saturating_sub(EPHEMERAL_STORAGE_MIB_DEFAULT as u32);
    let used = [
        (types.request, 1),
        match provisioned {
            true => (types.provisioned_duration, mib_ms(configuration.memory_mib, billed_ms)),
            false => (types.duration, mib_ms(configuration.memory_mib, billed_ms)),
        },
        (types.storage, mib_ms(storage_mib, billed_ms)),
    ];
    lambda.deps.meter.record(lambda.deps.clock.now(), &target.resource, &used);
}

/// Puts the initialization of a provisioned environment on the bill.
pub(crate) fn record_provisioned_init(lambda: &Lambda, target: &Target, duration: Duration) {
    let configuration = &target.record.configuration;
    let used = mib_ms(configuration.memory_mib, billed_ms(duration));
    let used = [(Types::of(configuration).provisioned_duration, used)];
    lambda.deps.meter.record(lambda.deps.clock.now(), &target.resource, &used);
}

/// What holding `environments` of this configuration for `held_ms` uses.
pub(crate) fn provisioned(
    configuration: &Configuration,
    environments: usize,
    held_ms: u64,
) -> (&'static UsageType, u64) {
    let one = mib_ms(configuration.memory_mib, held_ms);
    (Types::of(configuration).provisioned, one.saturating_mul(environments as u64))
}

fn mib_ms(mib: u32, ms: u64) -> u64 {
    u64::from(mib).saturating_mul(ms)
}
