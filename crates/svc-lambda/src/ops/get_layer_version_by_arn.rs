//! `GetLayerVersionByArn`.

use crate::model::layer::LayerVersion;
use crate::ops::get_layer_version::show;
use crate::{Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_layer_version_by_arn(
    lambda: Arc<Lambda>,
    _: Arc<CallCx>,
    input: w::GetLayerVersionByArnRequest,
) -> Result<w::GetLayerVersionResponse> {
    let version = LayerVersion::parse(&input.arn).ok_or_else(errors::layers::missing)?;
    show(&lambda, &version).await
}
