//! `DeleteAccountPasswordPolicy`: go back to the rules that all accounts have.

use crate::Iam;
use crate::errors;
use crate::tables::ACCOUNTS;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_account_password_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    _input: wire::Unit,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = tx.get(&ACCOUNTS, &account)?.unwrap_or_default();
        if row.password_policy.take().is_none() {
            return Err(errors::no_password_policy_to_delete());
        }
        Ok(tx.put(&ACCOUNTS, &account, &row)?)
    })
    .await?;
    Ok(wire::Unit)
}
