//! `GetDurableExecutionHistory`: what happened in an execution, line by line.

use crate::durable::tables::DURABLE_EVENTS;
use crate::durable::{errors, history, text};
use crate::failure::Failure;
use crate::ops::get_durable_execution::find;
use crate::{Lambda, Result, limits};
use base::RequestId;
use seams::CallCx;
use std::sync::Arc;
use store::{Prefix, ScanRange};
use wire_lambda as w;

pub async fn get_durable_execution_history(
    lambda: Arc<Lambda>,
    _: Arc<CallCx>,
    input: w::GetDurableExecutionHistoryRequest,
) -> Result<w::GetDurableExecutionHistoryResponse> {
    let name = find(&lambda, &input.durable_execution_arn)?;
    let last = parse_marker(input.marker.as_deref())?;
    let range = range(name.id, last, input.reverse_order == Some(true));
    let size = page_size(input.max_items);
    let rows = lambda.deps.store.view(|view| view.scan(&DURABLE_EVENTS, range, size + 1)).await;
    let mut rows = rows.map_err(|error: store::Error| Failure::from(error))?;
    let data = input.include_execution_data != Some(false);
    let mut more = rows.len() > size;
    rows.truncate(size);
    let (mut events, mut bytes) = (Vec::with_capacity(rows.len()), 0);
    let mut marker = None;
    for ((_, number), event) in rows {
        bytes += if data { event.what.bytes() } else { 0 };
        if bytes > limits::DURABLE_PAGE_BYTES && !events.is_empty() {
            more = true;
            break;
        }
        let text = match data {
            true => text::load_some(&lambda, event.what.text()).await?,
            false => None,
        };
        events.push(history::to_wire(number, &event, text, data));
        marker = Some(number.to_string());
    }
    Ok(w::GetDurableExecutionHistoryResponse { events, next_marker: marker.filter(|_| more) })
}

fn range(id: RequestId, last: Option<u64>, reverse: bool) -> ScanRange<(RequestId, u64)> {
    let mut range = Prefix::of((id,));
    if reverse {
        range = range.reverse();
    }
    match last {
        Some(last) => range.after(&(id, last)),
        None => range,
    }
}

/// A number that a page ended with. Error: it is none.
pub fn parse_marker(marker: Option<&str>) -> Result<Option<u64>> {
    let Some(marker) = marker.filter(|marker| !marker.is_empty()) else { return Ok(None) };
    marker.parse().map(Some).map_err(|_| errors::marker())
}

/// How many elements a page has: 100 where the caller says nothing or zero, at most 1,000.
pub fn page_size(max_items: Option<i32>) -> usize {
    let wanted = max_items.and_then(|wanted| usize::try_from(wanted).ok());
    let wanted = wanted.filter(|wanted| *wanted > 0).unwrap_or(limits::DURABLE_PAGE_DEFAULT);
    wanted.min(limits::DURABLE_PAGE_MAX)
}
