//! `ListLayerVersions`: from the newest to the oldest.

use crate::model::layer::{self, LayerVersion, to_list_item};
use crate::ops::list_layers::check_runtime;
use crate::ops::rows;
use crate::tables::LAYER_VERSIONS;
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use store::limits::SCAN_ROWS_MAX;
use wire_lambda as w;

pub async fn list_layer_versions(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListLayerVersionsRequest,
) -> Result<w::ListLayerVersionsResponse> {
    let runtime = input.compatible_runtime.as_deref();
    check_runtime(runtime)?;
    let architecture = input.compatible_architecture.map(|architecture| architecture.as_str());
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let after: Option<u64> =
        after.map(|text| text.parse().map_err(|_| errors::marker_invalid())).transpose()?;
    let layer = layer::key(&cx, &input.layer_name)?;
    let read = lambda.deps.store.view(|view| {
        let mut range = Prefix::of(layer.clone()).reverse();
        if let Some(number) = after {
            range = range.after(&(layer.0, layer.1.clone(), layer.2.clone(), number));
        }
        // Those that match may stand anywhere among the others.
        let filtered = runtime.is_some() || architecture.is_some();
        let limit = if filtered { SCAN_ROWS_MAX } else { size + 1 };
        Ok::<_, Failure>(view.scan(&LAYER_VERSIONS, range, limit)?)
    });
    let mut listed = read.await?;
    listed.retain(|(_, record)| record.is_compatible(runtime, architecture));
    let more = rows::cut_page(&mut listed, size);
    let last = listed.last().filter(|_| more);
    let next_marker = last.map(|(row, _)| rows::marker(&row.3.to_string()));
    let shown = listed.iter().map(|(row, record)| {
        to_list_item(&LayerVersion { layer: layer.clone(), number: row.3 }, record)
    });
    Ok(w::ListLayerVersionsResponse { next_marker, layer_versions: Some(shown.collect()) })
}
