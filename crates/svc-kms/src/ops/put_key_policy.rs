//! `PutKeyPolicy`: replace the policy of a key.

use crate::Kms;
use crate::keys::Key;
use crate::model::key_policy;
use crate::ops::{creation, get_key_policy};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn put_key_policy(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::PutKeyPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    get_key_policy::check_name(input.policy_name.as_deref())?;
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    let bypass = input.bypass_policy_lockout_safety_check.unwrap_or(false);
    kms.write(move |tx| {
        let mut key = Key::load(tx, &key_ref)?;
        key.check_not_pending_deletion()?;
        key_policy::check(&input.policy, &key.arn(), key.account, &cx.caller, bypass)?;
        key.record.policy.clone_from(&input.policy);
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}
