//! `SimulateCustomPolicy`: what the policies of the request would say of requests that nobody makes.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::simulations::Wanted;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn simulate_custom_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::SimulateCustomPolicyRequest,
) -> Result<wire_iam::SimulatePolicyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|_| {
        let wanted = Wanted {
            policies: &input.policy_input_list,
            boundaries: input.permissions_boundary_policy_input_list.as_deref().unwrap_or_default(),
            resource_policy: input.resource_policy.as_deref(),
            resource_owner: input.resource_owner.as_deref(),
            caller_arn: input.caller_arn.as_deref(),
            context: input.context_entries.as_deref().unwrap_or_default(),
            actions: &input.action_names,
            resources: input.resource_arns.as_deref().unwrap_or_default(),
            page: PageRequest::parse(input.marker.as_deref(), input.max_items)?,
        };
        let caller = input.caller_arn.as_deref().unwrap_or(&cx.caller.arn);
        wanted.simulate(account, caller, Vec::new(), None)
    })
    .await
}
