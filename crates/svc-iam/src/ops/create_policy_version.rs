//! `CreatePolicyVersion`: add a version to a managed policy, as the default if so asked.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::shapes;
use crate::ops::policies;
use crate::tables::{Named, PolicyVersionRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn create_policy_version(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreatePolicyVersionRequest,
) -> Result<wire_iam::CreatePolicyVersionResponse, wire::Error> {
    let account = cx.account;
    policies::check_managed_document(&input.policy_document)?;
    let now_ms = iam.now().unix_ms();
    let version = iam
        .write(move |tx| {
            let mut policy =
                policies::load_changeable(tx, &cx, "iam:CreatePolicyVersion", &input.policy_arn)?;
            if policy.versions.len() >= limits::VERSIONS_PER_POLICY {
                return Err(errors::too_many_policy_versions());
            }
            let number = policy.next_version;
            policy.next_version += 1;
            if input.set_as_default == Some(true) {
                policy.default_version = number;
            }
            policy.updated_ms = now_ms;
            let document = input.policy_document.clone();
            let version = PolicyVersionRecord { document, created_ms: now_ms };
            let shape = shapes::listed_version(&policy, number, &version);
            policy.versions.insert(number, version);
            policy.save(tx, account)?;
            Ok(shape)
        })
        .await?;
    Ok(wire_iam::CreatePolicyVersionResponse { policy_version: Some(version) })
}
