//! `ListDurableExecutionsByFunction`: the executions of a version, oldest or newest first.

use crate::durable::errors;
use crate::durable::identity::ExecutionName;
use crate::durable::tables::{DURABLE_EXECUTIONS, DURABLE_STARTS, ExecutionRecord};
use crate::model::name::{FunctionKey, FunctionName};
use crate::ops::get_durable_execution_history::page_size;
use crate::ops::rows::{self, TxResult};
use crate::{Lambda, Result, limits};
use base::{AccountId, Region, RequestId, Time};
use seams::CallCx;
use std::sync::Arc;
use store::{Prefix, ScanRange, View};
use wire_lambda as w;

type StartKey = (AccountId, Region, String, Time, RequestId);

pub async fn list_durable_executions_by_function(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListDurableExecutionsByFunctionRequest,
) -> Result<w::ListDurableExecutionsByFunctionResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    if input.statuses.as_ref().is_some_and(|statuses| statuses.len() > 1) {
        return Err(errors::several_statuses());
    }
    let last = parse_marker(&name.key(), input.marker.as_deref())?;
    let size = page_size(input.max_items);
    let page = lambda.deps.store.view(|view| {
        let (_, version) = rows::qualified_version(view, &name)?;
        page(view, &name, &version, &input, last, size)
    });
    let (found, next) = page.await?;
    let shown = found.into_iter().map(|(id, record)| {
        let name = ExecutionName::of(&record, id)?;
        Ok(w::Execution {
            durable_execution_arn: name.arn(),
            durable_execution_name: record.name,
            function_arn: name.function_arn(),
            status: record.status,
            start_timestamp: Time::from_unix_ms(record.started_ms).into(),
            end_timestamp: record.ended_ms.map(|ms| Time::from_unix_ms(ms).into()),
        })
    });
    Ok(w::ListDurableExecutionsByFunctionResponse {
        durable_executions: Some(shown.collect::<Result<_>>()?),
        next_marker: next.map(|(_, _, _, at, id)| rows::marker(&format!("{} {id}", at.unix_ns()))),
    })
}

type Found = Vec<(RequestId, ExecutionRecord)>;

fn page(
    view: &View<'_>,
    name: &FunctionName,
    version: &str,
    input: &w::ListDurableExecutionsByFunctionRequest,
    last: Option<StartKey>,
    size: usize,
) -> TxResult<(Found, Option<StartKey>)> {
    let range = range(&name.key(), input, last.as_ref());
    let keys = view.scan_keys(&DURABLE_STARTS, range, limits::DURABLE_LIST_ROWS_MAX)?;
    // A page of a filtered list may be short: then the marker says where it stopped.
    let mut next = (keys.len() == limits::DURABLE_LIST_ROWS_MAX).then(|| keys.last().cloned());
    let mut found = Vec::new();
    let mut before = None;
    for key in keys {
        let Some(record) = view.get(&DURABLE_EXECUTIONS, &key.4)? else { continue };
        let status = input.statuses.as_ref().and_then(|statuses| statuses.first());
        let fits = record.version == version
            && status.is_none_or(|status| *status == record.status)
            && input.durable_execution_name.as_ref().is_none_or(|wanted| *wanted == record.name);
        if !fits {
            continue;
        }
        if found.len() == size {
            next = Some(before);
            break;
        }
        found.push((key.4, record));
        before = Some(key);
    }
    Ok((found, next.flatten()))
}

fn range(
    (account, region, function): &FunctionKey,
    input: &w::ListDurableExecutionsByFunctionRequest,
    last: Option<&StartKey>,
) -> ScanRange<StartKey> {
    let place = (*account, region.clone(), function.clone());
    let at = |time: Time| (place.0, place.1.clone(), place.2.clone(), time);
    let mut range = Prefix::of(place.clone());
    if let Some(after) = input.started_after {
        range = range.from(at(time(after)));
    }
    if let Some(before) = input.started_before {
        range = range.below(at(time(before)));
    }
    if input.reverse_order == Some(true) {
        range = range.reverse();
    }
    match last {
        Some(last) => range.after(last),
        None => range,
    }
}

fn time(at: wire::Timestamp) -> Time {
    let seconds = u64::try_from(at.seconds()).unwrap_or(0);
    let ns = seconds.saturating_mul(1_000_000_000).saturating_add(at.subsec_nanoseconds().into());
    Time::from_unix_ns(ns)
}

fn parse_marker(
    (account, region, function): &FunctionKey,
    marker: Option<&str>,
) -> Result<Option<StartKey>> {
    let text = rows::parse_marker(marker).map_err(|_| errors::marker())?;
    let Some(text) = text else { return Ok(None) };
    let (ns, id) = text.split_once(' ').ok_or_else(errors::marker)?;
    let ns = ns.parse().map_err(|_| errors::marker())?;
    let id = RequestId::parse(id).ok_or_else(errors::marker)?;
    Ok(Some((*account, region.clone(), function.clone(), Time::from_unix_ns(ns), id)))
}
