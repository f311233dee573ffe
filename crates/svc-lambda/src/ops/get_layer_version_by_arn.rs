//! `GetLayerVersionByArn`.

use crate::model::layer::LayerVersion;
use crate::ops::get_layer_version::show;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_layer_version_by_arn(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetLayerVersionByArnRequest,
) -> Result<w::GetLayerVersionResponse> {
    show(&lambda, &LayerVersion::named(&cx, &input.arn)?).await
}
