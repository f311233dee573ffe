//! `CreateAccountAlias`: give the account an alias, which no other account has.

use crate::Iam;
use crate::errors;
use crate::tables::{ACCOUNT_ALIASES, ALIAS_OWNERS, AliasOwnerRecord, AliasRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn create_account_alias(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateAccountAliasRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let alias = &input.account_alias;
        if tx.contains(&ALIAS_OWNERS, alias)? {
            return Err(errors::alias_taken(alias));
        }
        // An account has one alias; a new one replaces the old.
        if let Some(old) = tx.get(&ACCOUNT_ALIASES, &account)? {
            tx.delete(&ALIAS_OWNERS, &old.alias)?;
        }
        let owner = AliasOwnerRecord { account: account.to_string() };
        tx.put(&ALIAS_OWNERS, alias, &owner)?;
        Ok(tx.put(&ACCOUNT_ALIASES, &account, &AliasRecord { alias: alias.clone() })?)
    })
    .await?;
    Ok(wire::Unit)
}
