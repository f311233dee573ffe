//! `GetPolicy`: a managed policy, without its document.

use crate::Iam;
use crate::model::shapes;
use crate::ops::policies::{self, Managed};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetPolicyRequest,
) -> Result<wire_iam::GetPolicyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let uses = policies::use_counts(view, account, &input.policy_arn)?;
        let policy = match policies::load(view, account, &input.policy_arn)? {
            Managed::Own(row) => shapes::policy(account, &row, uses),
            Managed::Aws(policy) => shapes::aws_policy(policy, uses),
        };
        Ok(wire_iam::GetPolicyResponse { policy: Some(policy) })
    })
    .await
}
