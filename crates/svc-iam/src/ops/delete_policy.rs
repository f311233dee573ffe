//! `DeletePolicy`: remove a managed policy that nobody uses and that has no version but the default.

use crate::Iam;
use crate::errors;
use crate::ops::policies;
use crate::tables::{Named, POLICIES, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeletePolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let policy = policies::load_changeable(tx, &cx, "iam:DeletePolicy", &input.policy_arn)?;
        let uses = policies::use_counts(tx, account, &policy.arn(account))?;
        if uses.attachments + uses.boundaries > 0 {
            return Err(errors::policy_attached());
        }
        if policy.versions.len() > 1 {
            return Err(errors::policy_has_versions());
        }
        Ok(tx.delete(&POLICIES, &key(account, &policy.name))?)
    })
    .await?;
    Ok(wire::Unit)
}
