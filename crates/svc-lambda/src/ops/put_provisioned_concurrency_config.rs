//! `PutProvisionedConcurrencyConfig`: ask for environments that are initialized ahead.
//!
//! The answer is that it is in progress; a loop makes the environments ([`crate::loops::provisioned_reconcile`]).

use crate::environments::concurrency::{check_provisioned, sum_committed, sum_provisioned};
use crate::model::name::{FunctionKey, FunctionName, LATEST, Qualifier};
use crate::ops::rows::{self, TxResult};
use crate::tables::{ALIASES, AliasRecord, CONCURRENCY, PROVISIONED, ProvisionedRecord};
use crate::{Lambda, Result, errors};
use base::Time;
use seams::CallCx;
use std::sync::Arc;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, Tx, View};
use wire_lambda as w;

pub async fn put_provisioned_concurrency_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::PutProvisionedConcurrencyConfigRequest,
) -> Result<w::PutProvisionedConcurrencyConfigResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, Some(&input.qualifier))?;
    if name.qualifier_or_latest() == LATEST {
        return Err(errors::provisioned_on_latest());
    }
    if lambda.resolver.keeps_tenants_apart(&name).await {
        return Err(errors::not_with_tenants("Provisioned concurrency"));
    }
    let requested = u32::try_from(input.provisioned_concurrent_executions).unwrap_or_default();
    let (now, put_name) = (lambda.deps.clock.now(), name.clone());
    let limit = lambda.concurrency.limit();
    // What there is before the change takes effect, which begins at once.
    let count = lambda.pool.provisioned_count(&name.key(), name.qualifier_or_latest());
    let put = move |tx: &mut Tx<'_>| put(tx, &put_name, limit, requested, now);
    let record = lambda.deps.store.transact(put).await?;
    let int = |count: usize| i32::try_from(count.min(requested as usize)).ok();
    Ok(w::PutProvisionedConcurrencyConfigResponse {
        requested_provisioned_concurrent_executions: i32::try_from(requested).ok(),
        available_provisioned_concurrent_executions: int(count.available),
        allocated_provisioned_concurrent_executions: int(count.allocated),
        status: Some(w::ProvisionedConcurrencyStatusEnum::InProgress),
        status_reason: None,
        last_modified: Some(last_modified(&record)),
    })
}

fn put(
    tx: &mut Tx<'_>,
    name: &FunctionName,
    limit: u32,
    requested: u32,
    now: Time,
) -> TxResult<ProvisionedRecord> {
    let key = name.key();
    let qualifier = check_qualifier(tx, name)?;
    if rows::function(tx, name)?.latest.configuration.managed.is_some() {
        let what = "Provisioned concurrency";
        return Err(errors::capacity_providers::not_with_managed_instances(what).into());
    }
    match Qualifier::of(&qualifier) {
        Qualifier::Alias(text) => {
            let alias = rows::alias(tx, &key, text)?.ok_or_else(|| missing(name))?;
            if !alias.weights.is_empty() {
                return Err(errors::provisioned_weighted_alias().into());
            }
            check_alias(tx, &key, text, &alias)?;
        }
        _ => {
            if provisioned_aliases(tx, &key)?.iter().any(|(_, alias)| alias.version == qualifier) {
                return Err(errors::provisioned_alias_taken().into());
            }
        }
    }
    let (account, region, function) = key.clone();
    let reserved = tx.get(&CONCURRENCY, &key)?.map(|record| record.reserved);
    let others = sum_committed(tx, &(account, region.clone()), Some(&function))?;
    let wanted = sum_provisioned(tx, &key, Some(&qualifier))?.saturating_add(requested);
    check_provisioned(limit, wanted, reserved, others)?;
    let row = (account, region, function, qualifier);
    let billed_until_ms = tx.get(&PROVISIONED, &row)?.map_or(0, |before| before.billed_until_ms);
    let record = ProvisionedRecord { requested, last_modified_ms: now.unix_ms(), billed_until_ms };
    tx.put(&PROVISIONED, &row, &record)?;
    Ok(record)
}

/// Ok if provisioned concurrency may stand on the alias as `alias` has it.
///
/// Errors: it names `$LATEST`, or a version that is provisioned itself or through another alias.
pub fn check_alias(
    view: &View<'_>,
    key: &FunctionKey,
    name: &str,
    alias: &AliasRecord,
) -> TxResult<()> {
    let (account, region, function) = key.clone();
    for version in [&alias.version].into_iter().chain(alias.weights.keys()) {
        if version == LATEST {
            return Err(errors::provisioned_on_latest().into());
        }
        let row = (account, region.clone(), function.clone(), version.clone());
        let others = provisioned_aliases(view, key)?;
        let taken =
            others.iter().any(|(other, record)| other != name && record.version == *version);
        if taken || view.contains(&PROVISIONED, &row)? {
            return Err(errors::provisioned_version_taken().into());
        }
    }
    Ok(())
}

/// The aliases of a function that have provisioned concurrency.
fn provisioned_aliases(view: &View<'_>, key: &FunctionKey) -> TxResult<Vec<(String, AliasRecord)>> {
    let mut aliases = Vec::new();
    for row in view.scan_keys(&PROVISIONED, Prefix::of(key.clone()), SCAN_ROWS_MAX)? {
        if let Some(alias) = view.get(&ALIASES, &row)? {
            aliases.push((row.3, alias));
        }
    }
    Ok(aliases)
}

/// The qualifier of a request, which names an alias or a version that exists. Error: 404 as recorded for either.
pub fn check_qualifier(view: &View<'_>, name: &FunctionName) -> TxResult<String> {
    let text = name.qualifier_or_latest();
    let exists = match Qualifier::of(text) {
        Qualifier::Latest => return Err(errors::provisioned_resource().into()),
        Qualifier::Version(number) => rows::version(view, &name.key(), number)?.is_some(),
        Qualifier::Alias(alias) => rows::alias(view, &name.key(), alias)?.is_some(),
    };
    if exists { Ok(text.to_string()) } else { Err(missing(name).into()) }
}

fn missing(name: &FunctionName) -> wire::Error {
    match Qualifier::of(name.qualifier_or_latest()) {
        Qualifier::Alias(_) => errors::alias_cannot_be_found(&name.arn()),
        _ => errors::function_not_found(&name.arn()),
    }
}

/// As AWS writes it: `2026-11-22T14:54:00+0000`.
pub fn last_modified(record: &ProvisionedRecord) -> String {
    let text = Time::from_unix_ms(record.last_modified_ms).to_string();
    format!("{}+0000", text.split('.').next().unwrap_or_default())
}
