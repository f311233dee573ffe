//! `UpdateAccountPasswordPolicy`: set the rules for passwords; what is left out becomes the default again.

use crate::Iam;
use crate::model::password::PasswordPolicy;
use crate::tables::ACCOUNTS;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_account_password_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateAccountPasswordPolicyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let number = |value: Option<i32>| value.and_then(|value| u16::try_from(value).ok());
    let policy = PasswordPolicy {
        length_min: number(input.minimum_password_length).unwrap_or(6),
        needs_symbol: input.require_symbols.unwrap_or(false),
        needs_number: input.require_numbers.unwrap_or(false),
        needs_uppercase: input.require_uppercase_characters.unwrap_or(false),
        needs_lowercase: input.require_lowercase_characters.unwrap_or(false),
        users_may_change: input.allow_users_to_change_password.unwrap_or(false),
        age_days_max: number(input.max_password_age),
        remembered: number(input.password_reuse_prevention),
        hard_expiry: input.hard_expiry,
    };
    iam.write(move |tx| {
        let mut row = tx.get(&ACCOUNTS, &account)?.unwrap_or_default();
        row.password_policy = Some(policy.clone());
        Ok(tx.put(&ACCOUNTS, &account, &row)?)
    })
    .await?;
    Ok(wire::Unit)
}
