//! `DeleteResourcePolicy`: remove a resource policy of an account.

use crate::errors::{self, Failure};
use crate::tables::RESOURCE_POLICIES;
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::DeleteResourcePolicyRequest;

/// The policy must exist.
pub async fn delete_resource_policy(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DeleteResourcePolicyRequest,
) -> Result<Unit, Error> {
    let name = input.policy_name.ok_or_else(|| errors::member_missing("policyName"))?;
    let scope = scope(&cx);
    let deleted = logs.store.transact(move |tx| {
        let key = (scope.account, scope.region.clone());
        let mut policies = tx.get(&RESOURCE_POLICIES, &key)?.unwrap_or_default();
        if policies.by_name.remove(&name).is_none() {
            return Err(Failure::Fault(errors::policy_not_found(&name)));
        }
        tx.put(&RESOURCE_POLICIES, &key, &policies)?;
        Ok(())
    });
    deleted.await?;
    Ok(Unit)
}
