//! `GetCodeSigningConfig`.

use crate::model::code_signing::to_wire;
use crate::ops::code_signing_rows::load;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_code_signing_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetCodeSigningConfigRequest,
) -> Result<w::GetCodeSigningConfigResponse> {
    let arn = &input.code_signing_config_arn;
    let (key, record) = lambda.deps.store.view(|view| load(view, &cx, arn)).await?;
    Ok(w::GetCodeSigningConfigResponse { code_signing_config: to_wire(&key, &record) })
}
