//! `ListKeyPolicies`: the names of the policies of a key: always one.

use crate::Kms;
use crate::ops::get_key_policy;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_key_policies(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ListKeyPoliciesRequest,
) -> Result<wire_kms::ListKeyPoliciesResponse, wire::Error> {
    kms.find_by_id(&cx, &input.key_id)?;
    Ok(wire_kms::ListKeyPoliciesResponse {
        policy_names: Some(vec![get_key_policy::DEFAULT.to_string()]),
        next_marker: None,
        truncated: Some(false),
    })
}
