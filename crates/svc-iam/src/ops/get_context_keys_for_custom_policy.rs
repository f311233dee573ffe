//! `GetContextKeysForCustomPolicy`: the condition keys that the policies of the request ask for.

use crate::Iam;
use crate::errors::Error;
use policy::{Kind, Policy};
use seams::CallCx;
use std::collections::BTreeSet;
use std::sync::Arc;
use wire_iam::GetContextKeysForPolicyResponse;

/// See the module.
pub async fn get_context_keys_for_custom_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetContextKeysForCustomPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse, wire::Error> {
    let account = cx.account;
    let _ = (iam, account);
    let mut keys = BTreeSet::new();
    for text in &input.policy_input_list {
        let policy = Policy::parse(text, Kind::Session).map_err(Error::from)?;
        keys.extend(policy.condition_keys().map(str::to_string));
    }
    Ok(GetContextKeysForPolicyResponse { context_key_names: Some(keys.into_iter().collect()) })
}
