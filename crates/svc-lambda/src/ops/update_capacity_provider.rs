//! `UpdateCapacityProvider`: how it scales; the rest is fixed at creation.

use crate::errors::capacity_providers::not_active;
use crate::model::capacity_provider::{self, scale, to_wire};
use crate::ops::capacity_provider_rows::load;
use crate::tables::{CAPACITY_PROVIDERS, CapacityProviderState};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn update_capacity_provider(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UpdateCapacityProviderRequest,
) -> Result<w::UpdateCapacityProviderResponse> {
    let key = capacity_provider::parse(&cx, &input.capacity_provider_name)?;
    let now = lambda.deps.clock.now();
    let update = move |tx: &mut store::Tx<'_>| {
        let mut record = load(tx, &key)?;
        if record.state == CapacityProviderState::Deleting {
            let state = capacity_provider::state(record.state).as_str();
            return Err(not_active(&capacity_provider::arn(&key), state).into());
        }
        if let Some(config) = &input.capacity_provider_scaling_config {
            scale(&mut record, config)?;
        }
        record.last_modified_ms = now.unix_ms();
        tx.put(&CAPACITY_PROVIDERS, &key, &record)?;
        Ok::<_, Failure>(to_wire(&key, &record))
    };
    let shown = lambda.deps.store.transact(update).await?;
    Ok(w::UpdateCapacityProviderResponse { capacity_provider: shown })
}
