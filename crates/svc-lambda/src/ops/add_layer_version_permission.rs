//! `AddLayerVersionPermission`: a statement in the policy of a layer version.

use crate::model::layer::LayerVersion;
use crate::model::policy::{self, Permission};
use crate::ops::layer_rows;
use crate::tables::LAYER_POLICIES;
use crate::{Failure, Lambda, Result, errors};
use base::RequestId;
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn add_layer_version_permission(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::AddLayerVersionPermissionRequest,
) -> Result<w::AddLayerVersionPermissionResponse> {
    let version = LayerVersion::of(&cx, &input.layer_name, input.version_number)?;
    let permission = Permission {
        principal_org_id: input.organization_id.as_deref(),
        ..Permission::new(&input.statement_id, &input.action, &input.principal)
    };
    let statement = permission.statement(&version.arn())?;
    let shown = statement.to_string();
    let revision_id = RequestId::new(&*lambda.deps.entropy).to_string();
    let new_revision_id = revision_id.clone();
    let add = move |tx: &mut store::Tx<'_>| {
        layer_rows::check_exists(tx, &version)?;
        let mut record = tx.get(&LAYER_POLICIES, &version.row())?.unwrap_or_default();
        let seen = record.revision_id.clone();
        policy::add(&mut record, statement.clone())?;
        check_revision(&seen, input.revision_id.as_deref())?;
        record.revision_id.clone_from(&new_revision_id);
        Ok::<_, Failure>(tx.put(&LAYER_POLICIES, &version.row(), &record)?)
    };
    lambda.deps.store.transact(add).await?;
    Ok(w::AddLayerVersionPermissionResponse {
        statement: Some(shown),
        revision_id: Some(revision_id),
    })
}

/// Ok if the caller has seen the policy as it is, or does not say.
pub fn check_revision(revision_id: &str, seen: Option<&str>) -> Result<()> {
    match seen {
        Some(seen) if seen != revision_id => Err(errors::layers::policy_revision_mismatch()),
        _ => Ok(()),
    }
}
