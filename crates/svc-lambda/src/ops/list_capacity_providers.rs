//! `ListCapacityProviders`.

use crate::model::capacity_provider::{ProviderKey, state, to_wire};
use crate::ops::rows::{self, TxResult};
use crate::tables::{CAPACITY_PROVIDERS, CapacityProviderRecord};
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, View};
use wire_lambda as w;

pub async fn list_capacity_providers(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListCapacityProvidersRequest,
) -> Result<w::ListCapacityProvidersResponse> {
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let read = lambda.deps.store.view(|view| list(view, &cx, input.state, after, size + 1));
    let mut listed = read.await?;
    let more = rows::cut_page(&mut listed, size);
    let next_marker = listed.last().filter(|_| more).map(|(key, _)| rows::marker(&key.2));
    let capacity_providers = listed.iter().map(|(key, record)| to_wire(key, record)).collect();
    Ok(w::ListCapacityProvidersResponse { capacity_providers, next_marker })
}

/// By name, at most `limit` behind the one called `after`.
fn list(
    view: &View<'_>,
    cx: &CallCx,
    wanted: Option<w::CapacityProviderState>,
    mut after: Option<String>,
    limit: usize,
) -> TxResult<Vec<(ProviderKey, CapacityProviderRecord)>> {
    let mut listed = Vec::new();
    loop {
        let mut range = Prefix::of((cx.account, cx.region.clone()));
        if let Some(name) = after {
            range = range.after(&(cx.account, cx.region.clone(), name));
        }
        let page = view.scan(&CAPACITY_PROVIDERS, range, SCAN_ROWS_MAX)?;
        let (last, more) = (page.last().map(|(key, _)| key.2.clone()), page.len() == SCAN_ROWS_MAX);
        let fits = |record: &CapacityProviderRecord| {
            wanted.is_none_or(|wanted| state(record.state) == wanted)
        };
        listed.extend(page.into_iter().filter(|(_, record)| fits(record)));
        if listed.len() >= limit || !more {
            listed.truncate(limit);
            return Ok(listed);
        }
        after = last;
    }
}
