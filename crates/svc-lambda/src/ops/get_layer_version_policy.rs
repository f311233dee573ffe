//! `GetLayerVersionPolicy`.

use crate::model::layer::LayerVersion;
use crate::model::policy;
use crate::ops::layer_rows;
use crate::tables::LAYER_POLICIES;
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_layer_version_policy(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetLayerVersionPolicyRequest,
) -> Result<w::GetLayerVersionPolicyResponse> {
    let version = LayerVersion::of(&cx, &input.layer_name, input.version_number)?;
    let read = lambda.deps.store.view(|view| {
        layer_rows::check_exists(view, &version)?;
        let record = view.get(&LAYER_POLICIES, &version.row())?;
        Ok::<_, Failure>(record.ok_or_else(errors::layers::policy_not_found)?)
    });
    let record = read.await?;
    Ok(w::GetLayerVersionPolicyResponse {
        policy: Some(policy::document(&record)),
        revision_id: Some(record.revision_id),
    })
}
