//! `GetFederationToken`: a session for somebody whom the calling user vouches for. It may do what both the user and the
//! session policies allow; without session policies nothing but what resources grant to it by name.

use super::sessions::{self, SessionPolicies};
use crate::model::claims::Who;
use crate::model::tags::SessionTags;
use crate::{Sts, errors, limits};
use seams::{CallCx, Principal};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_sts::{FederatedUser, GetFederationTokenRequest, GetFederationTokenResponse};

/// See the module.
pub async fn get_federation_token(
    sts: Arc<Sts>,
    cx: Arc<CallCx>,
    input: GetFederationTokenRequest,
) -> Result<GetFederationTokenResponse, wire::Error> {
    sessions::check_long_term(&cx, "GetFederationToken")?;
    let caller = &cx.caller;
    let requested = sessions::duration(input.duration_seconds).unwrap_or(limits::USER_SESSION);
    let (user, duration) = match &caller.principal {
        Principal::Root => (None, requested.min(limits::ROOT_SESSION_MAX)),
        Principal::User { name } => (Some((name.clone(), caller.user_id.clone())), requested),
        _ => return Err(errors::session_credentials("GetFederationToken")),
    };
    let policies = SessionPolicies::parse(&sts, input.policy, input.policy_arns)?;
    let tags = SessionTags::parse(input.tags.as_deref(), None, BTreeMap::new())?;
    let packed_policy_size = policies.packed_size(&tags.all)?;
    let who = Who::Federated { account: caller.account.to_string(), name: input.name, user };
    let mut claims = sts.claims(who, duration);
    claims.policies = policies.texts;
    claims.policy_arns = policies.arns;
    claims.tags = tags.all;
    let issued = sts.issue(claims, caller.account).map_err(errors::from_seam)?;
    let federated_user = FederatedUser {
        federated_user_id: issued.caller.user_id.clone(),
        arn: issued.caller.arn.clone(),
    };
    Ok(GetFederationTokenResponse {
        credentials: Some(sessions::credentials(&issued)),
        federated_user: Some(federated_user),
        packed_policy_size: Some(packed_policy_size),
    })
}
