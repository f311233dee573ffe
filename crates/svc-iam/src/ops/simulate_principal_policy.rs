//! `SimulatePrincipalPolicy`: what the policies of a user, group or role, and those of the request, would say of requests that nobody
//! makes.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::simulations::{self, Wanted};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn simulate_principal_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::SimulatePrincipalPolicyRequest,
) -> Result<wire_iam::SimulatePolicyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let wanted = Wanted {
            policies: input.policy_input_list.as_deref().unwrap_or_default(),
            boundaries: input.permissions_boundary_policy_input_list.as_deref().unwrap_or_default(),
            resource_policy: input.resource_policy.as_deref(),
            resource_owner: input.resource_owner.as_deref(),
            caller_arn: input.caller_arn.as_deref(),
            context: input.context_entries.as_deref().unwrap_or_default(),
            actions: &input.action_names,
            resources: input.resource_arns.as_deref().unwrap_or_default(),
            page: PageRequest::parse(input.marker.as_deref(), input.max_items)?,
        };
        let (sources, boundary) = simulations::sources_of(view, account, &input.policy_source_arn)?;
        wanted.simulate(account, &input.policy_source_arn, sources, boundary)
    })
    .await
}
