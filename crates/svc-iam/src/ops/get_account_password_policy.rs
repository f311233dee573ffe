//! `GetAccountPasswordPolicy`: the rules for passwords.

use crate::Iam;
use crate::errors;
use crate::ops::passwords;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_account_password_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    _input: wire::Unit,
) -> Result<wire_iam::GetAccountPasswordPolicyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let policy = passwords::policy(view, account)?;
        let policy = policy.ok_or_else(|| errors::no_such_password_policy(account))?;
        let password_policy = wire_iam::PasswordPolicy {
            minimum_password_length: Some(policy.length_min.into()),
            require_symbols: Some(policy.needs_symbol),
            require_numbers: Some(policy.needs_number),
            require_uppercase_characters: Some(policy.needs_uppercase),
            require_lowercase_characters: Some(policy.needs_lowercase),
            allow_users_to_change_password: Some(policy.users_may_change),
            expire_passwords: Some(policy.age_days_max.is_some()),
            max_password_age: policy.age_days_max.map(i32::from),
            password_reuse_prevention: policy.remembered.map(i32::from),
            hard_expiry: policy.hard_expiry,
        };
        Ok(wire_iam::GetAccountPasswordPolicyResponse { password_policy })
    })
    .await
}
