//! `GetWebIdentityToken`: a signed token that says who the caller is, for services elsewhere that trust the account's
//! issuer.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html>

use crate::model::outbound::Algorithm;
use crate::model::tags::SessionTags;
use crate::{Sts, errors, limits};
use base::RequestId;
use seams::{CallCx, Principal};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_sts::{GetWebIdentityTokenRequest, GetWebIdentityTokenResponse};

/// What holds the claims that are AWS's own.
const CLAIMS: &str = "https://sts.amazonaws.com/";

/// See the module.
pub async fn get_web_identity_token(
    sts: Arc<Sts>,
    cx: Arc<CallCx>,
    input: GetWebIdentityTokenRequest,
) -> Result<GetWebIdentityTokenResponse, wire::Error> {
    let algorithm = Algorithm::parse(&input.signing_algorithm);
    let algorithm = algorithm.ok_or_else(|| errors::signing_algorithm(&input.signing_algorithm))?;
    let tags = SessionTags::parse(input.tags.as_deref(), None, BTreeMap::new())?;
    let account = cx.caller.account;
    let federation = sts.identities.outbound_federation(account).map_err(errors::from_seam)?;
    let federation = federation.filter(|federation| federation.enabled);
    let federation = federation.ok_or_else(errors::outbound_federation_disabled)?;
    let now_s = sts.clock.now().unix_s();
    let asked_s = input.duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
    let expires_s = now_s + asked_s.unwrap_or(limits::OUTBOUND_TOKEN_S);
    let session = cx.caller.session.as_ref();
    if session.is_some_and(|session| session.expires_at.unix_s() < expires_s) {
        return Err(errors::session_duration_escalation());
    }
    let audience = match &input.audience[..] {
        [audience] => json!(audience),
        several => json!(several),
    };
    let claims = json!({
        "iss": federation.issuer,
        "aud": audience,
        "sub": subject(&cx),
        "iat": now_s,
        "exp": expires_s,
        "jti": RequestId::new(&*sts.entropy).to_string(),
        CLAIMS: own_claims(&sts, &cx, &tags.requested)?,
    });
    let bytes = claims.to_string().len();
    if bytes > limits::OUTBOUND_PAYLOAD_BYTES_MAX {
        return Err(errors::jwt_payload_too_large());
    }
    let keys = sts.outbound_keys(account).await?;
    Ok(GetWebIdentityTokenResponse {
        web_identity_token: Some(keys.sign(algorithm, &claims, &*sts.entropy)),
        expiration: Some(base::Time::from_unix_s(expires_s).into()),
    })
}

/// The role of a session, else the caller itself.
fn subject(cx: &CallCx) -> &str {
    match &cx.caller.principal {
        Principal::AssumedRole { role_arn, .. } => role_arn,
        _ => &cx.caller.arn,
    }
}

fn own_claims(
    sts: &Sts,
    cx: &CallCx,
    request_tags: &BTreeMap<String, String>,
) -> Result<Map<String, Value>, wire::Error> {
    let mut claims = Map::new();
    claims.insert("aws_account".to_string(), cx.caller.account.to_string().into());
    claims.insert("source_region".to_string(), cx.region.as_str().into());
    let tags = sts.identities.principal_tags(&cx.caller).map_err(errors::from_seam)?;
    if !tags.is_empty() {
        claims.insert("principal_tags".to_string(), json!(tags));
    }
    if let Some(session) = &cx.caller.session {
        let expires_s = session.expires_at.unix_s();
        claims.insert("original_session_exp".to_string(), expires_s.into());
        if let Some(identity) = &session.source_identity {
            claims.insert("source_identity".to_string(), identity.as_str().into());
        }
        if let Some(federation) = &session.federation {
            claims
                .insert("federated_provider".to_string(), federation.provider_arn.as_str().into());
        }
    }
    if !request_tags.is_empty() {
        claims.insert("request_tags".to_string(), json!(request_tags));
    }
    Ok(claims)
}
