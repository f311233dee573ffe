//! `ListEventSourceMappings`: by UUID; of one source, of one function, or all.

use crate::model::name::FunctionName;
use crate::ops::rows;
use crate::tables::EVENT_SOURCE_MAPPINGS;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use store::limits::SCAN_ROWS_MAX;
use wire_lambda as w;

pub async fn list_event_source_mappings(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListEventSourceMappingsRequest,
) -> Result<w::ListEventSourceMappingsResponse> {
    let name = input.function_name.as_deref().filter(|name| !name.is_empty());
    let name = name.map(|name| FunctionName::parse(&cx, name, None)).transpose()?;
    let source = input.event_source_arn.as_deref().filter(|arn| !arn.is_empty());
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let read = lambda.deps.store.view(|view| {
        let mut range = Prefix::of((cx.account, cx.region.clone()));
        if let Some(uuid) = after {
            range = range.after(&(cx.account, cx.region.clone(), uuid));
        }
        // Those that match may stand anywhere among the others.
        let filtered = name.is_some() || source.is_some();
        let limit = if filtered { SCAN_ROWS_MAX } else { size + 1 };
        Ok::<_, Failure>(view.scan(&EVENT_SOURCE_MAPPINGS, range, limit)?)
    });
    let mut listed = read.await?;
    listed.retain(|(_, record)| {
        let of_function = name.as_ref().is_none_or(|name| {
            record.function == name.name
                && (name.qualifier.is_none() || record.qualifier == name.qualifier)
        });
        of_function && source.is_none_or(|source| record.source == source)
    });
    let more = rows::cut_page(&mut listed, size);
    let next_marker = listed.last().filter(|_| more).map(|(row, _)| rows::marker(&row.2));
    let shown = listed.iter().map(|(row, record)| record.to_wire(row.0, &row.1, &row.2));
    let event_source_mappings = Some(shown.collect());
    Ok(w::ListEventSourceMappingsResponse { next_marker, event_source_mappings })
}
