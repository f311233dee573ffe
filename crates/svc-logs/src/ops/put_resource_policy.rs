//! `PutResourcePolicy`: let other services and accounts write to an account's log groups.

use super::long;
use crate::errors::{self, Failure};
use crate::limits;
use crate::tables::{RESOURCE_POLICIES, ResourcePolicyRecord};
use crate::{Logs, scope};
use policy::{Policy, PolicyType};
use seams::CallCx;
use std::sync::Arc;
use wire::{Common, Error};
use wire_logs::{PolicyScope, PutResourcePolicyRequest, PutResourcePolicyResponse, ResourcePolicy};

/// Makes or replaces a policy of the account. Policies of a single log group are not built.
pub async fn put_resource_policy(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: PutResourcePolicyRequest,
) -> Result<PutResourcePolicyResponse, Error> {
    if input.resource_arn.is_some() {
        let message = "Resource policies of a single log group are not implemented.";
        return Err(Error::common(Common::NotImplemented, message));
    }
    let name = input.policy_name.ok_or_else(|| errors::member_missing("policyName"))?;
    let document = input.policy_document.ok_or_else(|| errors::member_missing("policyDocument"))?;
    if document.len() > limits::RESOURCE_POLICY_BYTES_MAX {
        return Err(errors::policy_too_long());
    }
    // What cannot be read cannot be evaluated either: nobody could write to any group.
    Policy::read(&document, PolicyType::ResourceBased).map_err(|_| errors::malformed_policy())?;
    let policy = ResourcePolicyRecord { document, updated_ms: logs.now_ms() };
    let answer = into_wire(name.clone(), policy.clone());
    let scope = scope(&cx);
    let put = logs.store.transact(move |tx| {
        let key = (scope.account, scope.region.clone());
        let mut policies = tx.get(&RESOURCE_POLICIES, &key)?.unwrap_or_default();
        policies.by_name.insert(name.clone(), policy.clone());
        if policies.by_name.len() > limits::RESOURCE_POLICIES_MAX {
            return Err(Failure::Fault(errors::limit_exceeded()));
        }
        tx.put(&RESOURCE_POLICIES, &key, &policies)?;
        Ok(())
    });
    put.await?;
    Ok(PutResourcePolicyResponse { resource_policy: Some(answer), revision_id: None })
}

/// The statements of a policy document, if it is one.
pub(crate) fn statements(document: &str) -> Option<Vec<serde_json::Value>> {
    let mut document: serde_json::Value = serde_json::from_str(document).ok()?;
    match document.get_mut("Statement")?.take() {
        serde_json::Value::Array(statements) => Some(statements),
        statement @ serde_json::Value::Object(_) => Some(vec![statement]),
        _ => None,
    }
}

pub(super) fn into_wire(name: String, policy: ResourcePolicyRecord) -> ResourcePolicy {
    ResourcePolicy {
        policy_name: Some(name),
        policy_document: Some(policy.document),
        last_updated_time: Some(long(policy.updated_ms)),
        policy_scope: Some(PolicyScope::Account),
        ..ResourcePolicy::default()
    }
}
