//! `CreatePolicy`: make a customer managed policy with one version.

use crate::Iam;
use crate::limits;
use crate::model::{id, shapes, tags};
use crate::ops::{holders, policies};
use crate::tables::{Named, PolicyRecord, PolicyVersionRecord};
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;

/// See the module.
pub async fn create_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreatePolicyRequest,
) -> Result<wire_iam::CreatePolicyResponse, wire::Error> {
    let account = cx.account;
    policies::check_managed_document(&input.policy_document)?;
    let now_ms = iam.now().unix_ms();
    let version = PolicyVersionRecord { document: input.policy_document, created_ms: now_ms };
    let policy = PolicyRecord {
        path: input.path.unwrap_or_else(|| "/".to_string()),
        id: id::unique(&*iam.entropy, id::POLICY),
        created_ms: now_ms,
        updated_ms: now_ms,
        description: input.description,
        tags: tags::new(input.tags.as_deref())?,
        default_version: 1,
        next_version: 2,
        versions: BTreeMap::from([(1, version)]),
        name: input.policy_name,
    };
    let mut shape = shapes::policy(account, &policy, shapes::UseCounts::default());
    // Recorded: the answer has no description.
    shape.description = None;
    iam.write(move |tx| {
        let quota = ("PoliciesPerAccount", limits::POLICIES_PER_ACCOUNT);
        holders::check_new::<PolicyRecord>(tx, account, &policy.name, quota)?;
        policy.save(tx, account)
    })
    .await?;
    Ok(wire_iam::CreatePolicyResponse { policy: Some(shape) })
}
