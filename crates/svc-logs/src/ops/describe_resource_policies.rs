//! `DescribeResourcePolicies`: the resource policies of an account, by name.

use super::page_size;
use super::put_resource_policy::into_wire;
use crate::tables::RESOURCE_POLICIES;
use crate::{Logs, scope};
use seams::CallCx;
use std::ops::Bound;
use std::sync::Arc;
use wire::{Error, Internal};
use wire_logs::{
    DescribeResourcePoliciesRequest, DescribeResourcePoliciesResponse, PolicyScope, ResourcePolicy,
};

/// The token of the next page is the name of the last policy. Single log groups have no policies.
pub async fn describe_resource_policies(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DescribeResourcePoliciesRequest,
) -> Result<DescribeResourcePoliciesResponse, Error> {
    if input.policy_scope == Some(PolicyScope::Resource) || input.resource_arn.is_some() {
        let resource_policies = Some(Vec::new());
        return Ok(DescribeResourcePoliciesResponse { resource_policies, next_token: None });
    }
    let scope = scope(&cx);
    let policies = logs.store.get(&RESOURCE_POLICIES, &(scope.account, scope.region));
    let policies = policies.internal("reading resource policies")?.unwrap_or_default().by_name;
    let from = input.next_token.map_or(Bound::Unbounded, Bound::Excluded);
    let size = page_size(input.limit);
    let mut rest = policies.range::<String, _>((from, Bound::Unbounded));
    let page =
        rest.by_ref().take(size).map(|(name, policy)| into_wire(name.clone(), policy.clone()));
    let page: Vec<ResourcePolicy> = page.collect();
    let next_token = rest.next().and_then(|_| page.last()?.policy_name.clone());
    Ok(DescribeResourcePoliciesResponse { resource_policies: Some(page), next_token })
}
