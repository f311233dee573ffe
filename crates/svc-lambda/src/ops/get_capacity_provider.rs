//! `GetCapacityProvider`.

use crate::model::capacity_provider::{self, to_wire};
use crate::ops::capacity_provider_rows::load;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_capacity_provider(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetCapacityProviderRequest,
) -> Result<w::GetCapacityProviderResponse> {
    let key = capacity_provider::parse(&cx, &input.capacity_provider_name)?;
    let record = lambda.deps.store.view(|view| load(view, &key)).await?;
    Ok(w::GetCapacityProviderResponse { capacity_provider: to_wire(&key, &record) })
}
