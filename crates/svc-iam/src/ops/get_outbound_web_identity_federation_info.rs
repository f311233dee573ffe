//! `GetOutboundWebIdentityFederationInfo`: the account's issuer, and whether STS makes tokens for it.

use crate::Iam;
use crate::errors;
use crate::ops::outbound_federation;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_outbound_web_identity_federation_info(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    _input: wire::Unit,
) -> Result<wire_iam::GetOutboundWebIdentityFederationInfoResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let outbound = outbound_federation::get(view, account)?;
        let outbound = outbound.ok_or_else(errors::outbound_federation_disabled)?;
        Ok(wire_iam::GetOutboundWebIdentityFederationInfoResponse {
            issuer_identifier: Some(iam.issuer_url(&outbound.id)),
            jwt_vending_enabled: Some(outbound.enabled),
        })
    })
    .await
}
