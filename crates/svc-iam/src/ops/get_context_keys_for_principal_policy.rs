//! `GetContextKeysForPrincipalPolicy`: the condition keys that the policies of a user, group or role, and those of the request, ask for.

use crate::Iam;
use crate::ops::simulations;
use policy::{Kind, Policy};
use seams::CallCx;
use std::collections::BTreeSet;
use std::sync::Arc;
use wire_iam::GetContextKeysForPolicyResponse;

/// See the module.
pub async fn get_context_keys_for_principal_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetContextKeysForPrincipalPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let (sources, _) = simulations::sources_of(view, account, &input.policy_source_arn)?;
        let mut keys = BTreeSet::new();
        for source in &sources {
            keys.extend(source.policy.condition_keys().map(str::to_string));
        }
        for text in input.policy_input_list.as_deref().unwrap_or_default() {
            let policy = Policy::parse(text, Kind::Session)?;
            keys.extend(policy.condition_keys().map(str::to_string));
        }
        Ok(GetContextKeysForPolicyResponse { context_key_names: Some(keys.into_iter().collect()) })
    })
    .await
}
