//! `GetKeyPolicy`: the policy of a key.

use crate::Kms;
use crate::errors::{self, Error};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_key_policy(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GetKeyPolicyRequest,
) -> Result<wire_kms::GetKeyPolicyResponse, wire::Error> {
    check_name(input.policy_name.as_deref())?;
    let key = kms.find_by_id(&cx, &input.key_id)?;
    Ok(wire_kms::GetKeyPolicyResponse {
        policy: Some(key.record.policy),
        policy_name: Some(DEFAULT.to_string()),
    })
}

/// The one name that policies have.
pub const DEFAULT: &str = "default";

/// Refuses any other.
pub fn check_name(name: Option<&str>) -> Result<(), Error> {
    match name {
        None | Some(DEFAULT) => Ok(()),
        Some(other) => Err(errors::no_such_policy(other)),
    }
}
