//! Which permission every operation needs.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html>

use crate::{Sts, limits, ops};
use rt::{Access, Routes};
use seams::{AccessRequest, ContextKey};
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
        .on(
            wire_ops::GetWebIdentityToken,
            sts,
            |_, _, input| Ok(web_identity_token(input)),
            ops::get_web_identity_token,
        )
}

/// Tags in a token need a permission of their own.
fn web_identity_token(input: &wire_sts::GetWebIdentityTokenRequest) -> Access {
    let tags = input.tags.as_deref().unwrap_or_default().iter().map(|tag| (&tag.key, &tag.value));
    let seconds =
        input.duration_seconds.map_or(limits::OUTBOUND_TOKEN_S.to_string(), |s| s.to_string());
    let mut request = AccessRequest::new("sts:GetWebIdentityToken", "*")
        .with("sts:DurationSeconds", seconds)
        .with("sts:SigningAlgorithm", &*input.signing_algorithm)
        .with_request_tags(tags.clone());
    let (name, values) = ("sts:IdentityTokenAudience".into(), input.audience.clone());
    request.context.push(ContextKey { name, values });
    let access = Access::from(request);
    match tags.len() {
        0 => access,
        _ => {
            let tag = AccessRequest::new("sts:TagGetWebIdentityToken", "*");
            access.and(tag.with_request_tags(tags))
        }
    }
}
