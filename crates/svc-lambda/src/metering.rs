//! What goes on the bill.
//! <https://aws.amazon.com/lambda/pricing/>
//!
//! An invocation is billed for what its `REPORT` line tells, so log and bill agree: initialization counts where it took
//! place for the invocation, also if the function then failed or ran into its timeout. What was throttled or refused
//! never began and is not billed. Provisioned concurrency is billed for its initialization and for the time for which
//! environments are held, in blocks of five minutes; a snapshot of SnapStart for the time for which its version is there,
//! in blocks of an hour ([`crate::loops::snapshots_bill`]). What durable executions write they add in the transactions
//! in which they write it.
//! Functions on managed instances are billed for requests alone: instead of durations AWS bills the instances, which are
//! this host. <https://aws.amazon.com/lambda/pricing/>

use crate::Lambda;
use crate::limits::{
    ASYNC_FURTHER_REQUEST_BYTES, ASYNC_REQUEST_BYTES, EPHEMERAL_STORAGE_MIB_DEFAULT,
    STREAMED_BYTES_FREE,
};
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
    streamed: &'static UsageType,
    tenant_environment: &'static UsageType,
}

static X86: Types = Types {
    request: &types::LAMBDA_REQUEST,
    duration: &types::LAMBDA_GB_SECOND,
    provisioned_duration: &types::LAMBDA_PROVISIONED_GB_SECOND,
    provisioned: &types::LAMBDA_PROVISIONED_CONCURRENCY,
    storage: &types::LAMBDA_STORAGE_GB_SECOND,
    streamed: &types::LAMBDA_STREAMING_BYTES,
    tenant_environment: &types::LAMBDA_TENANT_ENVIRONMENT,
};

static ARM: Types = Types {
    request: &types::LAMBDA_REQUEST_ARM,
    duration: &types::LAMBDA_GB_SECOND_ARM,
    provisioned_duration: &types::LAMBDA_PROVISIONED_GB_SECOND_ARM,
    provisioned: &types::LAMBDA_PROVISIONED_CONCURRENCY_ARM,
    storage: &types::LAMBDA_STORAGE_GB_SECOND_ARM,
    streamed: &types::LAMBDA_STREAMING_BYTES_ARM,
    tenant_environment: &types::LAMBDA_TENANT_ENVIRONMENT_ARM,
};

impl Types {
    fn of(configuration: &Configuration) -> &'static Self {
        if configuration.architecture == "arm64" { &ARM } else { &X86 }
    }
}

/// Puts one invocation on the bill, whose answer has as many bytes as it streamed.
pub(crate) fn record(
    lambda: &Lambda,
    target: &Target,
    report: &Report,
    provisioned: bool,
    streamed_bytes: u64,
) {
    let configuration = &target.record.configuration;
    let (types, billed_ms) = (Types::of(configuration), report.billed_ms());
    if configuration.managed.is_some() {
        let streamed_bytes = streamed_bytes.saturating_sub(STREAMED_BYTES_FREE);
        let used = [(types.request, 1), (types.streamed, streamed_bytes)];
        return lambda.deps.meter.record(lambda.deps.clock.now(), &target.resource, &used);
    }
    let storage_mib = configuration.ephemeral_storage_mib;
    let storage_mib = storage_mib.saturating_sub(EPHEMERAL_STORAGE_MIB_DEFAULT as u32);
    let used = [
        (types.request, 1),
        match provisioned {
            true => (types.provisioned_duration, mib_ms(configuration.memory_mib, billed_ms)),
            false => (types.duration, mib_ms(configuration.memory_mib, billed_ms)),
        },
        (types.storage, mib_ms(storage_mib, billed_ms)),
        (types.streamed, streamed_bytes.saturating_sub(STREAMED_BYTES_FREE)),
    ];
    put(lambda, target, &used);
}

fn put(lambda: &Lambda, target: &Target, used: &[(&'static UsageType, u64)]) {
    lambda.deps.meter.record(lambda.deps.clock.now(), &target.resource, used);
}

/// Puts on the bill that an asynchronous event is large: 64 KB beyond the first 256 KB are as a request.
pub(crate) fn record_large_event(lambda: &Lambda, target: &Target, bytes: usize) {
    let beyond = (bytes as u64).saturating_sub(ASYNC_REQUEST_BYTES);
    let requests = beyond.div_ceil(ASYNC_FURTHER_REQUEST_BYTES);
    put(lambda, target, &[(Types::of(&target.record.configuration).request, requests)]);
}

/// Puts a new environment on the bill, if it serves one tenant alone.
pub(crate) fn record_environment(lambda: &Lambda, target: &Target) {
    if target.tenant.is_some() {
        let configuration = &target.record.configuration;
        let used = (Types::of(configuration).tenant_environment, configuration.memory_mib.into());
        put(lambda, target, &[used]);
    }
}

/// Puts on the bill that an environment was restored from a snapshot.
pub(crate) fn record_restored(lambda: &Lambda, target: &Target) {
    let configuration = &target.record.configuration;
    if snapshots_cost(configuration) {
        put(
            lambda,
            target,
            &[(&types::LAMBDA_SNAPSTART_RESTORED, configuration.memory_mib.into())],
        );
    }
}

/// Whether SnapStart costs anything: with Java it does not.
/// <https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-pricing>
pub(crate) fn snapshots_cost(configuration: &Configuration) -> bool {
    !configuration.runtime.starts_with("java")
}

/// What keeping a snapshot of this configuration for `kept_ms` uses.
pub(crate) fn snapshot_kept(
    configuration: &Configuration,
    kept_ms: u64,
) -> (&'static UsageType, u64) {
    (&types::LAMBDA_SNAPSTART_CACHED, mib_ms(configuration.memory_mib, kept_ms))
}

/// Puts the initialization of a provisioned environment on the bill.
pub(crate) fn record_provisioned_init(lambda: &Lambda, target: &Target, duration: Duration) {
    let configuration = &target.record.configuration;
    let used = mib_ms(configuration.memory_mib, billed_ms(duration));
    let used = [(Types::of(configuration).provisioned_duration, used)];
    put(lambda, target, &used);
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
