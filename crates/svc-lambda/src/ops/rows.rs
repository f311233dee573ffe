//! Reading and changing rows as several operations do it.

use crate::Lambda;
use crate::environments::start::SERVICE_PRINCIPAL;
use crate::failure::Failure;
use crate::model::name::{FunctionKey, FunctionName, LATEST, LATEST_PUBLISHED_NUMBER, Qualifier};
use crate::model::version::Change;
use crate::ops::capacity_provider_rows;
use crate::tables::{
    ALIASES, AliasRecord, FUNCTIONS, FunctionRecord, RECONCILES, ReconcileRecord, StateRecord,
    USAGE, VERSIONS, VersionRecord,
};
use crate::{Result, errors, limits};
use base::Arn;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use seams::CallCx;
use store::{Prefix, Tx, View};
use wire::Common;

/// What closures of transactions and views return.
pub type TxResult<T> = std::result::Result<T, Failure>;

/// The function's row. Error: 404 with the function's ARN as the request names it.
pub fn function(view: &View<'_>, name: &FunctionName) -> TxResult<FunctionRecord> {
    let row = view.get(&FUNCTIONS, &name.key())?;
    Ok(row.ok_or_else(|| errors::function_not_found(&name.arn()))?)
}

/// A version's row by number.
pub fn version(view: &View<'_>, key: &FunctionKey, number: u64) -> TxResult<Option<VersionRecord>> {
    let (account, region, name) = key.clone();
    Ok(view.get(&VERSIONS, &(account, region, name, number))?)
}

/// An alias' row by name.
pub fn alias(view: &View<'_>, key: &FunctionKey, alias: &str) -> TxResult<Option<AliasRecord>> {
    let (account, region, name) = key.clone();
    Ok(view.get(&ALIASES, &(account, region, name, alias.to_string()))?)
}

/// The version that the request's qualifier stands for, and its name. Error: 404 with the ARN and the qualifier.
pub fn qualified_version(
    view: &View<'_>,
    name: &FunctionName,
) -> TxResult<(VersionRecord, String)> {
    let record = function(view, name)?;
    let missing = || errors::function_not_found(&name.arn());
    let text = match Qualifier::of(name.qualifier_or_latest()) {
        Qualifier::Alias(text) => alias(view, &name.key(), text)?.ok_or_else(missing)?.version,
        _ => name.qualifier_or_latest().to_string(),
    };
    let found = match Qualifier::of(&text) {
        Qualifier::Version(number) => version(view, &name.key(), number)?.ok_or_else(missing)?,
        _ => record.latest,
    };
    Ok((found, text))
}

/// Ok if the function has the version that an alias is to name. Error: 404.
pub fn check_version_exists(view: &View<'_>, name: &FunctionName, text: &str) -> TxResult<()> {
    let exists = match Qualifier::of(text) {
        Qualifier::Latest => view.contains(&FUNCTIONS, &name.key())?,
        Qualifier::Version(number) => version(view, &name.key(), number)?.is_some(),
        Qualifier::Alias(_) => false,
    };
    if exists { Ok(()) } else { Err(errors::function_not_found(&name.qualified_arn(text)).into()) }
}

/// Hands the version `number`, 0 for `$LATEST`, to the reconciler.
pub fn reconcile(tx: &mut Tx<'_>, key: &FunctionKey, number: u64) -> TxResult<()> {
    let (account, region, name) = key.clone();
    Ok(tx.put(&RECONCILES, &(account, region, name, number), &ReconcileRecord {})?)
}

/// Adds to what the account stores. Error: the storage for packages is used up.
pub fn count_usage(
    tx: &mut Tx<'_>,
    (account, region, _): &FunctionKey,
    functions: i64,
    code_bytes: i64,
) -> TxResult<()> {
    let place = (*account, region.clone());
    let mut usage = tx.get(&USAGE, &place)?.unwrap_or_default();
    usage.functions = usage.functions.saturating_add_signed(functions);
    usage.code_bytes = usage.code_bytes.saturating_add_signed(code_bytes);
    if code_bytes > 0 && usage.code_bytes > limits::CODE_STORAGE_BYTES_MAX {
        return Err(errors::code_storage_exceeded().into());
    }
    Ok(tx.put(&USAGE, &place, &usage)?)
}

/// A package's size as [`count_usage`] takes it.
pub fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Publishes `$LATEST` unless the last published version is the same; its number and its row. The caller stores
/// `function`.
pub fn publish(
    tx: &mut Tx<'_>,
    key: &FunctionKey,
    function: &mut FunctionRecord,
    description: Option<String>,
    change: &Change,
) -> TxResult<(u64, VersionRecord)> {
    let (account, region, name) = key.clone();
    let range = Prefix::of((account, region.clone(), name.clone())).reverse();
    // The one without a number comes first, if there is one.
    let last = tx.scan(&VERSIONS, range, 2)?;
    let last = last.into_iter().find(|(row, _)| row.3 != LATEST_PUBLISHED_NUMBER);
    if let Some((last_key, last)) = last
        && last.published_from == Some(function.latest.fingerprint())
    {
        return Ok((last_key.3, last));
    }
    let number = function.next_version;
    function.next_version += 1;
    let record = function.latest.published(description, change);
    tx.put(&VERSIONS, &(account, region, name, number), &record)?;
    if record.configuration.snap_start || record.configuration.managed.is_some() {
        reconcile(tx, key, number)?;
    }
    let managed = record.configuration.managed.as_ref();
    capacity_provider_rows::move_version(tx, key, number, None, managed)?;
    count_usage(tx, key, 0, signed(record.code.size))?;
    Ok((number, record))
}

/// Publishes `$LATEST` as `$LATEST.PUBLISHED`, in place of what was published so before.
pub fn publish_latest(
    tx: &mut Tx<'_>,
    key: &FunctionKey,
    function: &FunctionRecord,
    description: Option<String>,
    change: &Change,
) -> TxResult<VersionRecord> {
    let (account, region, name) = key.clone();
    if function.latest.configuration.managed.is_none() {
        return Err(errors::capacity_providers::publish_to_default_function().into());
    }
    let number = LATEST_PUBLISHED_NUMBER;
    let row = (account, region, name, number);
    let before = tx.get(&VERSIONS, &row)?;
    let mut record = function.latest.published(description, change);
    if let Some(before) = &before
        && before.state == StateRecord::Active
    {
        record.replace(before.clone().in_force());
    }
    tx.put(&VERSIONS, &row, &record)?;
    reconcile(tx, key, number)?;
    let managed = |record: &VersionRecord| record.configuration.managed.clone();
    let (old, new) = (before.as_ref().and_then(managed), managed(&record));
    capacity_provider_rows::move_version(tx, key, number, old.as_ref(), new.as_ref())?;
    let grown = signed(record.code.size) - before.map_or(0, |before| signed(before.code.size));
    count_usage(tx, key, 0, grown)?;
    Ok(record)
}

/// Ok if the caller may give the role to Lambda, and Lambda may take it on.
pub async fn check_role(lambda: &Lambda, cx: &CallCx, role: &str) -> Result<()> {
    if Arn::parse(role).and_then(|arn| arn.account_id()) != Some(cx.account) {
        return Err(errors::cross_account_role());
    }
    let roles = &lambda.deps.roles;
    let fault = |error: seams::Error, fault: fn(String) -> wire::Error| match error.is_internal() {
        true => errors::internal(error),
        false => fault(error.message),
    };
    let passed = roles.check_pass(cx, role, SERVICE_PRINCIPAL).await;
    passed.map_err(|error| fault(error, |text| wire::Error::common(Common::AccessDenied, text)))?;
    let assumable = roles.check_assumable(cx.account, role, SERVICE_PRINCIPAL).await;
    assumable.map_err(|error| fault(error, |_| errors::role_not_assumable()))
}

/// How many elements a page has.
pub fn page_size(max_items: Option<i32>) -> usize {
    let wanted = max_items.and_then(|wanted| usize::try_from(wanted).ok());
    wanted.unwrap_or(limits::PAGE_DEFAULT).clamp(1, limits::PAGE_MAX)
}

/// Where a page ended, for the caller to give back.
pub fn marker(position: &str) -> String {
    URL_SAFE_NO_PAD.encode(position)
}

/// What [`marker`] was made from.
pub fn parse_marker(marker: Option<&str>) -> Result<Option<String>> {
    let Some(marker) = marker.filter(|marker| !marker.is_empty()) else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(marker).map_err(|_| errors::marker_invalid())?;
    String::from_utf8(bytes).map(Some).map_err(|_| errors::marker_invalid())
}

/// Cuts `rows`, of which one more than `size` was read, to a page; whether there are more.
pub fn cut_page<T>(rows: &mut Vec<T>, size: usize) -> bool {
    let more = rows.len() > size;
    rows.truncate(size);
    more
}

/// Ok if an operation that works on functions only got no version or alias.
pub fn check_unqualified(name: &FunctionName) -> Result<()> {
    match name.qualifier.as_deref() {
        None | Some(LATEST) => Ok(()),
        Some(_) => Err(errors::functions_only()),
    }
}
