//! `GetLayerVersion`: what is known of a layer version, and where its archive can be downloaded.

use crate::model::layer::{self, LayerVersion};
use crate::ops::layer_rows;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_layer_version(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetLayerVersionRequest,
) -> Result<w::GetLayerVersionResponse> {
    show(&lambda, &LayerVersion::of(&cx, &input.layer_name, input.version_number)?).await
}

/// As the API shows the version. Error: 404.
pub async fn show(lambda: &Lambda, version: &LayerVersion) -> Result<w::GetLayerVersionResponse> {
    let record = lambda.deps.store.view(|view| layer_rows::load(view, version)).await?;
    Ok(layer::to_wire(version, &record, lambda.code_location(&record.code, "")?))
}
