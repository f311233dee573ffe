//! `ListLayers`: each with its newest version that matches.

use crate::model::layer::{self, LayerVersion, to_list_item};
use crate::model::runtime::LISTABLE;
use crate::ops::rows::{self, TxResult};
use crate::tables::{LAYER_VERSIONS, LAYERS};
use crate::{Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, View};
use wire_lambda as w;

pub async fn list_layers(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListLayersRequest,
) -> Result<w::ListLayersResponse> {
    check_runtime(input.compatible_runtime.as_deref())?;
    let wanted = Wanted {
        runtime: input.compatible_runtime.as_deref(),
        architecture: input.compatible_architecture.map(|architecture| architecture.as_str()),
        size: rows::page_size(input.max_items),
    };
    let after = rows::parse_marker(input.marker.as_deref())?;
    let mut layers = lambda.deps.store.view(|view| list(view, &cx, after, &wanted)).await?;
    let more = rows::cut_page(&mut layers, wanted.size);
    let last = layers.last().filter(|_| more).and_then(|layer| layer.layer_name.as_deref());
    Ok(w::ListLayersResponse { next_marker: last.map(rows::marker), layers: Some(layers) })
}

/// Ok if layers can be listed by the runtime. Error: as the generated validation words it, with AWS's own list.
pub fn check_runtime(runtime: Option<&str>) -> Result<()> {
    match runtime {
        Some(name) if !LISTABLE.contains(&name) => {
            Err(errors::layers::listed_runtime_unknown(name))
        }
        _ => Ok(()),
    }
}

struct Wanted<'w> {
    runtime: Option<&'w str>,
    architecture: Option<&'w str>,
    size: usize,
}

/// One more than a page. Layers without a version that matches are passed over.
fn list(
    view: &View<'_>,
    cx: &CallCx,
    mut after: Option<String>,
    wanted: &Wanted<'_>,
) -> TxResult<Vec<w::LayersListItem>> {
    let mut listed = Vec::new();
    loop {
        let mut range = Prefix::of((cx.account, cx.region.clone()));
        if let Some(name) = after {
            range = range.after(&(cx.account, cx.region.clone(), name));
        }
        let page = view.scan_keys(&LAYERS, range, SCAN_ROWS_MAX)?;
        for key in &page {
            let versions = Prefix::of(key.clone()).reverse();
            let versions = view.scan(&LAYER_VERSIONS, versions, SCAN_ROWS_MAX)?;
            let matching = versions
                .into_iter()
                .find(|(_, record)| record.is_compatible(wanted.runtime, wanted.architecture));
            if let Some((row, record)) = matching {
                let version = LayerVersion { layer: key.clone(), number: row.3 };
                listed.push(w::LayersListItem {
                    layer_name: Some(key.2.clone()),
                    layer_arn: Some(layer::layer_arn(key)),
                    latest_matching_version: Some(to_list_item(&version, &record)),
                });
            }
            if listed.len() > wanted.size {
                return Ok(listed);
            }
        }
        if page.len() < SCAN_ROWS_MAX {
            return Ok(listed);
        }
        after = page.into_iter().next_back().map(|key| key.2);
    }
}
