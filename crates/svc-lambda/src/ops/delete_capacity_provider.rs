//! `DeleteCapacityProvider`: no version may be configured for it. A loop removes its row.

use crate::errors::capacity_providers::in_use;
use crate::model::capacity_provider::{self, to_wire};
use crate::ops::capacity_provider_rows::load;
use crate::tables::{CAPACITY_PROVIDER_VERSIONS, CAPACITY_PROVIDERS, CapacityProviderState};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_lambda as w;

pub async fn delete_capacity_provider(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteCapacityProviderRequest,
) -> Result<w::DeleteCapacityProviderResponse> {
    let key = capacity_provider::parse(&cx, &input.capacity_provider_name)?;
    let delete = move |tx: &mut store::Tx<'_>| {
        let mut record = load(tx, &key)?;
        if !tx.scan_keys(&CAPACITY_PROVIDER_VERSIONS, Prefix::of(key.clone()), 1)?.is_empty() {
            return Err(in_use(&capacity_provider::arn(&key)).into());
        }
        record.state = CapacityProviderState::Deleting;
        tx.put(&CAPACITY_PROVIDERS, &key, &record)?;
        Ok::<_, Failure>(to_wire(&key, &record))
    };
    let shown = lambda.deps.store.transact(delete).await?;
    Ok(w::DeleteCapacityProviderResponse { capacity_provider: shown })
}
