//! Reading and changing rows of capacity providers as several operations do it.

use crate::errors::capacity_providers as errors;
use crate::limits::CAPACITY_PROVIDER_VERSIONS_MAX;
use crate::model::capacity_provider::{self, ProviderKey};
use crate::model::name::FunctionKey;
use crate::ops::rows::TxResult;
use crate::tables::{
    CAPACITY_PROVIDER_VERSIONS, CAPACITY_PROVIDERS, CapacityProviderRecord, CapacityProviderState,
    CapacityProviderVersionRecord, Configuration, ManagedInstancesRecord,
};
use crate::{Result, errors as common};
use seams::CallCx;
use store::{Prefix, Tx, View};

/// The capacity provider. Error: 404.
pub fn load(view: &View<'_>, key: &ProviderKey) -> TxResult<CapacityProviderRecord> {
    let row = view.get(&CAPACITY_PROVIDERS, key)?;
    Ok(row.ok_or_else(|| errors::missing(&capacity_provider::arn(key)))?)
}

/// Ok if a function may be configured so. Errors: the capacity provider is missing, not active, or of another architecture.
pub fn check_usable(view: &View<'_>, cx: &CallCx, configuration: &Configuration) -> TxResult<()> {
    let Some(managed) = &configuration.managed else { return Ok(()) };
    let arn = &managed.capacity_provider_arn;
    let record = load(view, &capacity_provider::parse(cx, arn)?)?;
    if record.state != CapacityProviderState::Active {
        let state = capacity_provider::state(record.state).as_str();
        return Err(errors::not_active(arn, state).into());
    }
    if record.architecture != configuration.architecture {
        let (own, provider) = (&configuration.architecture, &record.architecture);
        return Err(errors::architecture_differs(own, provider).into());
    }
    Ok(())
}

type VersionRow = (base::AccountId, base::Region, String, String, u64);

fn version_row(
    function: &FunctionKey,
    managed: &ManagedInstancesRecord,
    number: u64,
) -> Result<VersionRow> {
    let arn = &managed.capacity_provider_arn;
    let provider = capacity_provider::key(arn)
        .ok_or_else(|| common::internal(format!("a row has the capacity provider {arn}")))?;
    Ok((provider.0, provider.1, provider.2, function.2.clone(), number))
}

/// Notes that a version is now configured as `next`, and was as `before`. Error: the capacity provider has as many versions
/// as it may.
pub fn move_version(
    tx: &mut Tx<'_>,
    function: &FunctionKey,
    number: u64,
    before: Option<&ManagedInstancesRecord>,
    next: Option<&ManagedInstancesRecord>,
) -> TxResult<()> {
    if let Some(before) = before {
        tx.delete(&CAPACITY_PROVIDER_VERSIONS, &version_row(function, before, number)?)?;
    }
    let Some(next) = next else { return Ok(()) };
    let row = version_row(function, next, number)?;
    let all = Prefix::of((row.0, row.1.clone(), row.2.clone()));
    let versions =
        tx.scan_keys(&CAPACITY_PROVIDER_VERSIONS, all, CAPACITY_PROVIDER_VERSIONS_MAX)?;
    if versions.len() >= CAPACITY_PROVIDER_VERSIONS_MAX && !versions.contains(&row) {
        return Err(errors::too_many_versions(&next.capacity_provider_arn).into());
    }
    Ok(tx.put(&CAPACITY_PROVIDER_VERSIONS, &row, &CapacityProviderVersionRecord {})?)
}
