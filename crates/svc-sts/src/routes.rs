//! Which permission every operation needs.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html>

use crate::{Sts, ops};
use rt::{Access, Routes};
use std::sync::Arc;
use wire_sts::ops as wire_ops;

/// Every operation that is built.
pub fn routes(sts: &Arc<Sts>) -> Routes {
    Routes::new(&wire_sts::SERVICE)
        // The role's trust policy has a say in it, so the operation itself asks.
        .on(wire_ops::AssumeRole, sts, |_, _, _| Ok(Access::open()), ops::assume_role)
        // The provider's signature is the proof; the role's trust policy decides.
        .on(
            wire_ops::AssumeRoleWithSAML,
            sts,
            |_, _, _| Ok(Access::open()),
            ops::assume_role_with_saml,
        )
        // The token is the proof; the role's trust policy decides.
        .on(
            wire_ops::AssumeRoleWithWebIdentity,
            sts,
            |_, _, _| Ok(Access::open()),
            ops::assume_role_with_web_identity,
        )
        .on(
            wire_ops::DecodeAuthorizationMessage,
            sts,
            |_, _, _| Ok(Access::to_any("sts:DecodeAuthorizationMessage")),
            ops::decode_authorization_message,
        )
        .on(
            wire_ops::GetAccessKeyInfo,
            sts,
            |_, _, _| Ok(Access::to_any("sts:GetAccessKeyInfo")),
            ops::get_access_key_info,
        )
        .on(
            wire_ops::GetCallerIdentity,
            sts,
            |_, _, _| Ok(Access::open()),
            ops::get_caller_identity,
        )
        .on(
            wire_ops::GetFederationToken,
            sts,
            |_, cx, input| {
                let name = &input.name;
                let account = cx.account;
                let arn = format!("arn:aws:sts::{account}:federated-user/{name}");
                Ok(Access::to("sts:GetFederationToken", arn))
            },
            ops::get_federation_token,
        )
        .on(wire_ops::GetSessionToken, sts, |_, _, _| Ok(Access::open()), ops::get_session_token)
}
