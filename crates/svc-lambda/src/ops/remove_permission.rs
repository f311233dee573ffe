//! `RemovePermission`.

use crate::model::name::FunctionName;
use crate::model::policy;
use crate::ops::add_permission::{check_revision, key, policy_target};
use crate::tables::{FUNCTIONS, POLICIES};
use crate::{Failure, Lambda, Result, errors};
use base::RequestId;
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn remove_permission(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::RemovePermissionRequest,
) -> Result<Unit> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let revision_id = RequestId::new(&*lambda.deps.entropy).to_string();
    let remove = move |tx: &mut store::Tx<'_>| {
        if !tx.contains(&FUNCTIONS, &name.key())? {
            return Err(errors::policy_without_function(&name.function_arn()).into());
        }
        policy_target(tx, &name)?;
        let record = tx.get(&POLICIES, &key(&name))?;
        let mut record = record.ok_or_else(errors::no_policy_to_remove_from)?;
        check_revision(&record.revision_id, input.revision_id.as_deref())?;
        policy::remove(&mut record, &input.statement_id)?;
        record.revision_id.clone_from(&revision_id);
        if record.statements.is_empty() {
            tx.delete(&POLICIES, &key(&name))?;
        } else {
            tx.put(&POLICIES, &key(&name), &record)?;
        }
        Ok::<_, Failure>(())
    };
    lambda.deps.store.transact(remove).await?;
    Ok(Unit)
}
