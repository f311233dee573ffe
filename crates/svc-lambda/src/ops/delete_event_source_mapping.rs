//! `DeleteEventSourceMapping`: it is gone once nothing reads for it any more.

use crate::ops::mapping_rows;
use crate::ops::update_event_source_mapping::check_settled;
use crate::tables::{EVENT_SOURCE_MAPPINGS, MappingState};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn delete_event_source_mapping(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteEventSourceMappingRequest,
) -> Result<w::EventSourceMappingConfiguration> {
    let key = mapping_rows::key(&cx, &input.uuid);
    let row = key.clone();
    let delete = move |tx: &mut store::Tx<'_>| {
        let mut record = mapping_rows::load(tx, &row)?;
        check_settled(&record, "delete")?;
        record.state = MappingState::Deleting;
        tx.put(&EVENT_SOURCE_MAPPINGS, &row, &record)?;
        Ok::<_, Failure>(record)
    };
    let record = lambda.deps.store.transact(delete).await?;
    Ok(record.to_wire(key.0, &key.1, &key.2))
}
