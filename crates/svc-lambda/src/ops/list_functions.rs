//! `ListFunctions`: by name, and with `FunctionVersion=ALL` every version after its function.

use crate::model::name::{FunctionKey, LATEST};
use crate::model::version::{self, Detail};
use crate::ops::rows::{self, TxResult};
use crate::tables::{FUNCTIONS, VERSIONS, VersionRecord};
use crate::{Lambda, Result, errors, variables};
use seams::CallCx;
use std::sync::Arc;
use store::{Prefix, View};
use wire_lambda as w;

pub async fn list_functions(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListFunctionsRequest,
) -> Result<w::ListFunctionsResponse> {
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let after = after.map(|text| position(&text)).transpose()?;
    let all = input.function_version.is_some();
    if let Some(region) = input.master_region {
        if !all {
            return Err(errors::master_region_without_versions());
        }
        // A region asks for what Lambda@Edge has replicated from there, of which there is nothing here.
        if region != "ALL" {
            return Ok(w::ListFunctionsResponse { next_marker: None, functions: Some(Vec::new()) });
        }
    }
    let read = lambda.deps.store.view(|view| match all {
        true => list_versions(view, &cx, after, size + 1),
        false => list(view, &cx, after, size + 1),
    });
    let mut listed = read.await?;
    let more = rows::cut_page(&mut listed, size);
    let last = listed.last().filter(|_| more);
    let next_marker = last.map(|(name, number, _)| rows::marker(&format!("{name}:{number}")));
    let mut functions: Vec<_> = listed.into_iter().map(|(_, _, shown)| shown).collect();
    for shown in &mut functions {
        variables::show(&lambda, &cx, shown).await;
    }
    Ok(w::ListFunctionsResponse { next_marker, functions: Some(functions) })
}

/// A function's name and a version's number, 0 for `$LATEST`.
type Position = (String, u64);

type Listed = Vec<(String, u64, w::FunctionConfiguration)>;

fn position(text: &str) -> Result<Position> {
    let (name, number) = text.rsplit_once(':').ok_or_else(errors::marker_invalid)?;
    Ok((name.to_string(), number.parse().map_err(|_| errors::marker_invalid())?))
}

fn list(view: &View<'_>, cx: &CallCx, after: Option<Position>, limit: usize) -> TxResult<Listed> {
    let mut range = Prefix::of((cx.account, cx.region.clone()));
    if let Some((name, _)) = after {
        range = range.after(&(cx.account, cx.region.clone(), name));
    }
    let rows = view.scan(&FUNCTIONS, range, limit)?;
    let shown = rows.into_iter().map(|(key, function)| {
        let shown = version::to_wire(&key, &function.latest, LATEST, None, Detail::Listed);
        (key.2, 0, shown)
    });
    Ok(shown.collect())
}

fn list_versions(
    view: &View<'_>,
    cx: &CallCx,
    after: Option<Position>,
    limit: usize,
) -> TxResult<Listed> {
    let mut listed: Listed = Vec::new();
    let mut range = Prefix::of((cx.account, cx.region.clone()));
    if let Some((name, number)) = after {
        // First the rest of the function with which the last page ended.
        let key = (cx.account, cx.region.clone(), name);
        let (account, region, name) = key.clone();
        let rest = Prefix::of(key.clone()).after(&(account, region, name, number));
        for (row, record) in view.scan(&VERSIONS, rest, limit)? {
            listed.push(shown(&key, row.3, &record));
        }
        range = range.after(&key);
    }
    if listed.len() < limit {
        // Each function adds at least one element, so these are enough.
        for (key, function) in view.scan(&FUNCTIONS, range, limit - listed.len())? {
            if listed.len() >= limit {
                break;
            }
            listed.push(shown(&key, 0, &function.latest));
            let versions = view.scan(&VERSIONS, Prefix::of(key.clone()), limit)?;
            listed.extend(versions.iter().map(|(row, record)| shown(&key, row.3, record)));
        }
    }
    listed.truncate(limit);
    Ok(listed)
}

fn shown(
    key: &FunctionKey,
    number: u64,
    record: &VersionRecord,
) -> (String, u64, w::FunctionConfiguration) {
    let name = version::number_name(number);
    let shown = version::to_wire(key, record, &name, Some(&name), Detail::Listed);
    (key.2.clone(), number, shown)
}
