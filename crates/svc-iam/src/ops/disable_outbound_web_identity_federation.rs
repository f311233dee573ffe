//! `DisableOutboundWebIdentityFederation`: no further tokens. Those that were made go on to count, so the issuer goes on to
//! show its keys.

use crate::Iam;
use crate::errors;
use crate::ops::outbound_federation;
use crate::tables::{ACCOUNTS, OutboundRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn disable_outbound_web_identity_federation(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    _input: wire::Unit,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let before = outbound_federation::get(tx, account)?.filter(|before| before.enabled);
        let before = before.ok_or_else(errors::outbound_federation_disabled)?;
        let mut row = tx.get(&ACCOUNTS, &account)?.unwrap_or_default();
        row.outbound = Some(OutboundRecord { enabled: false, ..before });
        Ok(tx.put(&ACCOUNTS, &account, &row)?)
    })
    .await?;
    Ok(wire::Unit)
}
