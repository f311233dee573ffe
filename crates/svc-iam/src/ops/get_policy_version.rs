//! `GetPolicyVersion`: a version of a managed policy with its document, encoded as for URLs.

use crate::Iam;
use crate::errors;
use crate::model::{document, shapes};
use crate::ops::policies::{self, Managed};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_policy_version(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetPolicyVersionRequest,
) -> Result<wire_iam::GetPolicyVersionResponse, wire::Error> {
    let account = cx.account;
    let (arn, id) = (&input.policy_arn, &input.version_id);
    iam.read(|view| {
        let mut version = match policies::load(view, account, arn)? {
            Managed::Own(row) => {
                let (number, version) = policies::version(&row, arn, id)?;
                let shape = shapes::listed_version(&row, number, version);
                wire_iam::PolicyVersion { document: Some(version.document.clone()), ..shape }
            }
            Managed::Aws(policy) if *id == shapes::version_id(policy.version) => {
                let shape = shapes::aws_version(policy);
                wire_iam::PolicyVersion { document: Some(policy.document()), ..shape }
            }
            Managed::Aws(_) => return Err(errors::no_such_policy_version(arn, id)),
        };
        version.document = version.document.as_deref().map(document::encode);
        Ok(wire_iam::GetPolicyVersionResponse { policy_version: Some(version) })
    })
    .await
}
