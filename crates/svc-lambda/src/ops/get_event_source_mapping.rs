//! `GetEventSourceMapping`.

use crate::ops::mapping_rows;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_event_source_mapping(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetEventSourceMappingRequest,
) -> Result<w::EventSourceMappingConfiguration> {
    let key = mapping_rows::key(&cx, &input.uuid);
    let record = lambda.deps.store.view(|view| mapping_rows::load(view, &key)).await?;
    Ok(record.to_wire(key.0, &key.1, &key.2))
}
