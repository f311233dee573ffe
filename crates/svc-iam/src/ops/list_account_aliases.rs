//! `ListAccountAliases`: the account's alias, if it has one.

use crate::Iam;
use crate::tables::ACCOUNT_ALIASES;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_account_aliases(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListAccountAliasesRequest,
) -> Result<wire_iam::ListAccountAliasesResponse, wire::Error> {
    let account = cx.account;
    let _ = input;
    iam.read(|view| {
        let alias = view.get(&ACCOUNT_ALIASES, &account)?;
        Ok(wire_iam::ListAccountAliasesResponse {
            account_aliases: alias.into_iter().map(|row| row.alias).collect(),
            is_truncated: Some(false),
            marker: None,
        })
    })
    .await
}
