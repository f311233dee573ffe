//! `ListFunctionVersionsByCapacityProvider`: by function, `$LATEST` first.

use crate::model::capacity_provider::{self, ProviderKey};
use crate::model::name::function_arn;
use crate::model::version;
use crate::ops::capacity_provider_rows::load;
use crate::ops::rows::{self, TxResult};
use crate::tables::{CAPACITY_PROVIDER_VERSIONS, FUNCTIONS, VERSIONS};
use crate::{Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use store::{Prefix, View};
use wire_lambda as w;

/// Between a function's name and a version's number in a marker.
const MARK: char = ':';

pub async fn list_function_versions_by_capacity_provider(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListFunctionVersionsByCapacityProviderRequest,
) -> Result<w::ListFunctionVersionsByCapacityProviderResponse> {
    let key = capacity_provider::parse(&cx, &input.capacity_provider_name)?;
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let after = after.map(|text| parse_position(&text)).transpose()?;
    let read = lambda.deps.store.view(|view| list(view, &key, after, size + 1));
    let mut listed = read.await?;
    let more = rows::cut_page(&mut listed, size);
    let position = |(name, number): &(String, u64)| rows::marker(&format!("{name}{MARK}{number}"));
    let next_marker = listed.last().filter(|_| more).map(|(place, _)| position(place));
    Ok(w::ListFunctionVersionsByCapacityProviderResponse {
        capacity_provider_arn: capacity_provider::arn(&key),
        function_versions: listed.into_iter().map(|(_, item)| item).collect(),
        next_marker,
    })
}

fn parse_position(text: &str) -> Result<(String, u64)> {
    let parts = text.split_once(MARK).and_then(|(name, number)| Some((name, number.parse().ok()?)));
    parts.map(|(name, number)| (name.to_string(), number)).ok_or_else(errors::marker_invalid)
}

type Listed = Vec<((String, u64), w::FunctionVersionsByCapacityProviderListItem)>;

fn list(
    view: &View<'_>,
    key: &ProviderKey,
    after: Option<(String, u64)>,
    limit: usize,
) -> TxResult<Listed> {
    load(view, key)?;
    let mut range = Prefix::of(key.clone());
    if let Some((name, number)) = after {
        range = range.after(&(key.0, key.1.clone(), key.2.clone(), name, number));
    }
    let mut listed = Vec::new();
    for row in view.scan_keys(&CAPACITY_PROVIDER_VERSIONS, range, limit)? {
        let function = (key.0, key.1.clone(), row.3.clone());
        let record = match row.4 {
            0 => view.get(&FUNCTIONS, &function)?.map(|function| function.latest),
            number => view.get(&VERSIONS, &(key.0, key.1.clone(), row.3.clone(), number))?,
        };
        let Some(record) = record else { continue };
        let item = w::FunctionVersionsByCapacityProviderListItem {
            function_arn: format!("{}:{}", function_arn(&function), version::number_name(row.4)),
            state: version::state(&record.state),
        };
        listed.push(((row.3, row.4), item));
    }
    Ok(listed)
}
