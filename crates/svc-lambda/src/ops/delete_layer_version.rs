//! `DeleteLayerVersion`: nobody new can use it; functions that have it keep it.

use crate::model::layer::LayerVersion;
use crate::ops::rows;
use crate::tables::{LAYER_POLICIES, LAYER_VERSIONS};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn delete_layer_version(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteLayerVersionRequest,
) -> Result<Unit> {
    let version = LayerVersion::of(&cx, &input.layer_name, input.version_number)?;
    let delete = move |tx: &mut store::Tx<'_>| {
        let row = version.row();
        // Recorded: a version that is not there is deleted just as well.
        if let Some(record) = tx.get(&LAYER_VERSIONS, &row)? {
            tx.delete(&LAYER_VERSIONS, &row)?;
            tx.delete(&LAYER_POLICIES, &row)?;
            rows::count_usage(tx, &version.layer, 0, -rows::signed(record.code.size))?;
        }
        Ok::<_, Failure>(())
    };
    lambda.deps.store.transact(delete).await?;
    Ok(Unit)
}
