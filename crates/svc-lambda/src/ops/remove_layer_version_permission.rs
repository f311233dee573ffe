//! `RemoveLayerVersionPermission`.

use crate::model::layer::LayerVersion;
use crate::model::policy;
use crate::ops::add_layer_version_permission::check_revision;
use crate::ops::layer_rows;
use crate::tables::LAYER_POLICIES;
use crate::{Failure, Lambda, Result, errors};
use base::RequestId;
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn remove_layer_version_permission(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::RemoveLayerVersionPermissionRequest,
) -> Result<Unit> {
    let version = LayerVersion::of(&cx, &input.layer_name, input.version_number)?;
    let revision_id = RequestId::new(&*lambda.deps.entropy).to_string();
    let remove = move |tx: &mut store::Tx<'_>| {
        layer_rows::check_exists(tx, &version)?;
        let record = tx.get(&LAYER_POLICIES, &version.row())?;
        let mut record = record.ok_or_else(|| errors::statement_not_found(&input.statement_id))?;
        check_revision(&record.revision_id, input.revision_id.as_deref())?;
        policy::remove(&mut record, &input.statement_id)?;
        record.revision_id.clone_from(&revision_id);
        if record.statements.is_empty() {
            tx.delete(&LAYER_POLICIES, &version.row())?;
        } else {
            tx.put(&LAYER_POLICIES, &version.row(), &record)?;
        }
        Ok::<_, Failure>(())
    };
    lambda.deps.store.transact(remove).await?;
    Ok(Unit)
}
