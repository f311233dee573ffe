//! What goes on the bill.
//!
//! An invocation is billed for what its `REPORT` line tells, so log and bill agree: initialization counts where it took
//! place for the invocation, also if the function then failed or ran into its timeout. What was throttled or refused
//! never began and is not billed.

use crate::Lambda;
use crate::limits::EPHEMERAL_STORAGE_MIB_DEFAULT;
use crate::model::report::Report;
use crate::resolve::Target;
use crate::tables::Configuration;
use usage::{UsageType, usage_types as types};

/// Puts one invocation on the bill.
pub(crate) fn record(lambda: &Lambda, target: &Target, report: &Report) {
    let used = invocation(&target.record.configuration, report.billed_ms());
    lambda.deps.meter.record(lambda.deps.clock.now(), &target.resource, &used);
}

/// What an invocation of `billed_ms` uses, each with its quantity.
fn invocation(configuration: &Configuration, billed_ms: u64) -> [(&'static UsageType, u64); 3] {
    let storage_mib = configuration.ephemeral_storage_mib;
    let storage_mib = storage_mib.saturating_sub(EPHEMERAL_STORAGE_MIB_DEFAULT as u32);
    let of = |mib: u32| u64::from(mib).saturating_mul(billed_ms);
    let (request, duration, storage) = match configuration.architecture.as_str() {
        "arm64" => (
            &types::LAMBDA_REQUEST_ARM,
            &types::LAMBDA_GB_SECOND_ARM,
            &types::LAMBDA_STORAGE_GB_SECOND_ARM,
        ),
        _ => (&types::LAMBDA_REQUEST, &types::LAMBDA_GB_SECOND, &types::LAMBDA_STORAGE_GB_SECOND),
    };
    [(request, 1), (duration, of(configuration.memory_mib)), (storage, of(storage_mib))]
}
