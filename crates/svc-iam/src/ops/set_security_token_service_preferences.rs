//! `SetSecurityTokenServicePreferences`: say which version the tokens of STS's global endpoint have. Both are valid in every region here.

use crate::Iam;
use crate::tables::ACCOUNTS;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::GlobalEndpointTokenVersion;

/// See the module.
pub async fn set_security_token_service_preferences(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::SetSecurityTokenServicePreferencesRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = tx.get(&ACCOUNTS, &account)?.unwrap_or_default();
        row.token_version_2 =
            input.global_endpoint_token_version == GlobalEndpointTokenVersion::V2Token;
        Ok(tx.put(&ACCOUNTS, &account, &row)?)
    })
    .await?;
    Ok(wire::Unit)
}
