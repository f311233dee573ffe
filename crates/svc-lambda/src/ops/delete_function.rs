//! `DeleteFunction`: one version, or the function with everything that belongs to it.

use crate::model::name::{FunctionName, Qualifier};
use crate::model::version;
use crate::ops::capacity_provider_rows;
use crate::ops::function_url_rows;
use crate::ops::rows::{self, TxResult};
use crate::tables::{
    ALIASES, CONCURRENCY, EVENT_INVOKE_CONFIGS, FUNCTION_CODE_SIGNING, FUNCTION_SCALING, FUNCTIONS,
    POLICIES, PROVISIONED, RECONCILES, RECURSION_CONFIGS, RUNTIME_MANAGEMENT, VERSIONS,
};
use crate::{Lambda, Result, errors};
use seams::CallCx;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use store::limits::SCAN_ROWS_MAX;
use store::{Key, Prefix, PrefixOf, Table, Tx};
use wire_lambda as w;

pub async fn delete_function(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteFunctionRequest,
) -> Result<w::DeleteFunctionResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let number = match name.qualifier.as_deref().map(Qualifier::of) {
        None => None,
        Some(Qualifier::Latest) => return Err(errors::latest_not_deletable()),
        Some(Qualifier::Version(number)) => Some(number),
        // Recorded: `$latest` is a version that is missing, any other word an alias.
        Some(Qualifier::Alias(text)) if text.starts_with('$') => {
            return Err(errors::function_not_found(&name.function_arn()));
        }
        Some(Qualifier::Alias(_)) => return Err(errors::alias_not_deletable()),
    };
    let key = name.key();
    // Recorded: the error names the function alone.
    let name = FunctionName { qualifier: None, ..name };
    match number {
        Some(number) => {
            let delete = move |tx: &mut Tx<'_>| delete_version(tx, &name, number);
            if let Some(revision) = lambda.deps.store.transact(delete).await? {
                lambda.retire(|_, other| other == revision);
            }
        }
        None => {
            lambda.deps.store.transact(move |tx| delete_whole(tx, &name)).await?;
            lambda.retire(|function, _| *function == key);
        }
    }
    Ok(w::DeleteFunctionResponse { status_code: Some(204) })
}

/// The configuration revision of the version, if there was one.
fn delete_version(tx: &mut Tx<'_>, name: &FunctionName, number: u64) -> TxResult<Option<String>> {
    let key = name.key();
    rows::function(tx, name)?;
    let Some(record) = rows::version(tx, &key, number)? else { return Ok(None) };
    let text = version::number_name(number);
    let aliases = tx.scan(&ALIASES, Prefix::of(key.clone()), SCAN_ROWS_MAX)?;
    let naming = aliases
        .into_iter()
        .filter(|(_, alias)| alias.version == text || alias.weights.contains_key(&text));
    let naming: Vec<String> = naming.map(|(row, _)| row.3).collect();
    if !naming.is_empty() {
        return Err(errors::version_has_aliases(&name.qualified_arn(&text), &naming).into());
    }
    let (account, region, function) = key.clone();
    let numbered = (account, region.clone(), function.clone(), number);
    tx.delete(&VERSIONS, &numbered)?;
    tx.delete(&RECONCILES, &numbered)?;
    let named = (account, region, function, text);
    tx.delete(&POLICIES, &named)?;
    tx.delete(&EVENT_INVOKE_CONFIGS, &named)?;
    tx.delete(&PROVISIONED, &named)?;
    tx.delete(&RUNTIME_MANAGEMENT, &named)?;
    tx.delete(&FUNCTION_SCALING, &numbered)?;
    let managed = record.configuration.managed.as_ref();
    capacity_provider_rows::move_version(tx, &key, number, managed, None)?;
    rows::count_usage(tx, &key, 0, -rows::signed(record.code.size))?;
    Ok(Some(record.configuration_revision))
}

fn delete_whole(tx: &mut Tx<'_>, name: &FunctionName) -> TxResult<()> {
    let key = name.key();
    let function = rows::function(tx, name)?;
    let versions = tx.scan(&VERSIONS, Prefix::of(key.clone()), SCAN_ROWS_MAX)?;
    let published = versions.iter().map(|(_, record)| record.code.size).sum::<u64>();
    rows::count_usage(tx, &key, -1, -rows::signed(function.latest.code.size + published))?;
    let all = versions.iter().map(|(row, record)| (row.3, record));
    for (number, record) in all.chain([(0, &function.latest)]) {
        let managed = record.configuration.managed.as_ref();
        capacity_provider_rows::move_version(tx, &key, number, managed, None)?;
    }
    delete_all(tx, &VERSIONS, &key)?;
    delete_all(tx, &FUNCTION_SCALING, &key)?;
    delete_all(tx, &ALIASES, &key)?;
    delete_all(tx, &POLICIES, &key)?;
    delete_all(tx, &EVENT_INVOKE_CONFIGS, &key)?;
    delete_all(tx, &PROVISIONED, &key)?;
    function_url_rows::delete_all(tx, &key)?;
    delete_all(tx, &RECONCILES, &key)?;
    delete_all(tx, &RUNTIME_MANAGEMENT, &key)?;
    tx.delete(&FUNCTION_CODE_SIGNING, &key)?;
    tx.delete(&CONCURRENCY, &key)?;
    tx.delete(&RECURSION_CONFIGS, &key)?;
    tx.delete(&FUNCTIONS, &key)?;
    Ok(())
}

/// Deletes the rows of a function in a table.
fn delete_all<K, R, P>(tx: &mut Tx<'_>, table: &'static Table<K, R>, function: &P) -> TxResult<()>
where
    K: Key,
    R: Serialize + DeserializeOwned,
    P: PrefixOf<K> + Clone,
{
    loop {
        let keys = tx.scan_keys(table, Prefix::of(function.clone()), SCAN_ROWS_MAX)?;
        keys.iter().try_for_each(|key| tx.delete(table, key))?;
        if keys.len() < SCAN_ROWS_MAX {
            return Ok(());
        }
    }
}
