//! `EnableOutboundWebIdentityFederation`: let STS make tokens for the account, under an issuer of its own.

use crate::Iam;
use crate::errors;
use crate::ops::outbound_federation;
use crate::tables::{ACCOUNTS, OUTBOUND_ISSUERS, OutboundIssuerRecord, OutboundRecord};
use base::RequestId;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn enable_outbound_web_identity_federation(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    _input: wire::Unit,
) -> Result<wire_iam::EnableOutboundWebIdentityFederationResponse, wire::Error> {
    let account = cx.account;
    let fresh = RequestId::new(&*iam.entropy).to_string();
    let id = iam
        .write(move |tx| {
            let before = outbound_federation::get(tx, account)?;
            if before.as_ref().is_some_and(|before| before.enabled) {
                return Err(errors::outbound_federation_enabled());
            }
            // An account keeps its issuer, so that those who trust it need not be told again.
            let id = before.map_or_else(|| fresh.clone(), |before| before.id);
            let mut row = tx.get(&ACCOUNTS, &account)?.unwrap_or_default();
            row.outbound = Some(OutboundRecord { id: id.clone(), enabled: true });
            tx.put(&ACCOUNTS, &account, &row)?;
            let owner = OutboundIssuerRecord { account: account.to_string() };
            tx.put(&OUTBOUND_ISSUERS, &id, &owner)?;
            Ok(id)
        })
        .await?;
    Ok(wire_iam::EnableOutboundWebIdentityFederationResponse {
        issuer_identifier: Some(iam.issuer_url(&id)),
    })
}
