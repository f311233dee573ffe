//! `DeleteAccountAlias`: take the account's alias away.

use crate::Iam;
use crate::errors;
use crate::tables::{ACCOUNT_ALIASES, ALIAS_OWNERS};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_account_alias(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteAccountAliasRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let alias = &input.account_alias;
        let known = tx.get(&ACCOUNT_ALIASES, &account)?;
        if known.is_none_or(|known| known.alias != *alias) {
            return Err(errors::no_such_alias(alias));
        }
        tx.delete(&ALIAS_OWNERS, alias)?;
        Ok(tx.delete(&ACCOUNT_ALIASES, &account)?)
    })
    .await?;
    Ok(wire::Unit)
}
