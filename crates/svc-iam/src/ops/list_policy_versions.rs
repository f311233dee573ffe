//! `ListPolicyVersions`: the versions of a managed policy, newest first.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::shapes;
use crate::ops::policies::{self, Managed};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_policy_versions(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListPolicyVersionsRequest,
) -> Result<wire_iam::ListPolicyVersionsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let versions = match policies::load(view, account, &input.policy_arn)? {
            Managed::Own(row) => {
                let newest_first = row.versions.iter().rev();
                let shape = |(n, v): (&u32, _)| (*n, shapes::listed_version(&row, *n, v));
                newest_first.map(shape).collect()
            }
            Managed::Aws(policy) => vec![(policy.version, shapes::aws_version(policy))],
        };
        // Numbers sort downwards as texts do upwards.
        let page = page.of(versions, |(number, _)| format!("{:010}", u32::MAX - number));
        let page = page.map(|(_, version)| version);
        Ok(wire_iam::ListPolicyVersionsResponse {
            versions: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
