//! `AssumeRoleWithWebIdentity`: a session of a role for somebody whom an OpenID Connect provider vouches for. The token is
//! the proof; the request itself carries no signature.

use super::role_sessions::RoleSession;
use super::sessions;
use crate::model::claims::Federation;
use crate::model::jwt::{IdToken, Jwt};
use crate::model::tags::SessionTags;
use crate::{Sts, errors};
use base::{AccountId, Arn};
use seams::{AssumeRole, CallCx, Caller, OidcProvider};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_sts::{AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse};

/// See the module.
pub async fn assume_role_with_web_identity(
    sts: Arc<Sts>,
    cx: Arc<CallCx>,
    input: AssumeRoleWithWebIdentityRequest,
) -> Result<AssumeRoleWithWebIdentityResponse, wire::Error> {
    let role_arn = &input.role_arn;
    let account = Arn::parse(role_arn).and_then(|arn| arn.account_id());
    let account = account.ok_or_else(|| errors::invalid_role_arn(role_arn))?;
    if input.provider_id.is_some() {
        return Err(errors::access_tokens_not_implemented());
    }
    let jwt = Jwt::parse(&input.web_identity_token).ok_or_else(errors::not_a_token)?;
    let token = jwt.id_token()?;
    let (provider, audience) = verify(&sts, account, &jwt, &token).await?;
    let keys = token.condition_keys(&provider.url, &audience);
    let tags =
        SessionTags::parse(Some(&token.tags), Some(&token.transitive_tag_keys), BTreeMap::new())?;
    let wish = AssumeRole {
        action: "sts:AssumeRoleWithWebIdentity",
        role_arn,
        session_name: &input.role_session_name,
        tags: tags.requested.clone(),
        transitive_tag_keys: tags.transitive_keys.clone(),
        source_identity: token.source_identity.as_deref(),
        keys: sessions::context_keys(&keys),
        ..AssumeRole::default()
    };
    let mut cx = (*cx).clone();
    cx.caller = Arc::new(Caller::federated(account, &provider.arn, &token.subject));
    let role = sts.identities.check_assume(&cx, &wish).map_err(|error| match error.status {
        403 => errors::not_authorized("sts:AssumeRoleWithWebIdentity"),
        _ => errors::from_seam(error),
    })?;
    let made = sts.role_session(RoleSession {
        role,
        name: input.role_session_name,
        duration_seconds: input.duration_seconds,
        policy: input.policy,
        policy_arns: input.policy_arns,
        tags,
        source_identity: token.source_identity.clone(),
        chained: false,
        mfa: false,
        federation: Some(Federation { provider: provider.arn.clone(), keys }),
    })?;
    Ok(AssumeRoleWithWebIdentityResponse {
        credentials: Some(sessions::credentials(&made.credentials)),
        subject_from_web_identity_token: Some(token.subject),
        assumed_role_user: Some(made.user()),
        packed_policy_size: made.packed_policy_size,
        provider: Some(provider.arn),
        audience: Some(audience),
        source_identity: made.source_identity,
    })
}

/// The provider that made the token, and the audience that it was made for.
async fn verify(
    sts: &Sts,
    account: AccountId,
    jwt: &Jwt<'_>,
    token: &IdToken,
) -> Result<(OidcProvider, String), wire::Error> {
    let issuer = &token.issuer;
    let provider = sts.identities.oidc_provider(account, issuer).map_err(errors::from_seam)?;
    let provider = provider.ok_or_else(|| errors::no_such_issuer(issuer))?;
    let audience = token.audience_of(&provider.client_ids);
    let audience = audience.ok_or_else(errors::wrong_audience)?.to_string();
    let now_s = sts.clock.now().unix_s();
    if token.expires_s <= now_s {
        return Err(errors::token_expired(now_s, token.expires_s));
    }
    if token.not_before_s > now_s + crate::limits::TOKEN_SKEW.as_secs() {
        return Err(errors::token_not_yet_valid());
    }
    sts.issuers.verify(&*sts.web, &*sts.clock, &provider, jwt).await?;
    Ok((provider, audience))
}
