//! `AssumeRole`: a session of a role, if the role trusts the caller and the caller's own policies let it.

use super::sessions::{self, SessionPolicies};
use crate::model::claims::Who;
use crate::model::tags::SessionTags;
use crate::{Sts, errors, limits};
use base::Arn;
use seams::{AssumeRole, CallCx, Principal, RoleIdentity};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wire_sts::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser};

/// See the module.
pub async fn assume_role(
    sts: Arc<Sts>,
    cx: Arc<CallCx>,
    input: AssumeRoleRequest,
) -> Result<AssumeRoleResponse, wire::Error> {
    if Arn::parse(&input.role_arn).is_none() {
        return Err(errors::invalid_role_arn(&input.role_arn));
    }
    if input.serial_number.is_some() || input.token_code.is_some() {
        return Err(errors::mfa_not_implemented());
    }
    let inherited = inherited_tags(&cx);
    let transitive = input.transitive_tag_keys.as_deref();
    let tags = SessionTags::parse(input.tags.as_deref(), transitive, inherited)?;
    let inherited_identity = cx.caller.session.as_ref().and_then(|s| s.source_identity.clone());
    let wish = AssumeRole {
        role_arn: &input.role_arn,
        session_name: &input.role_session_name,
        external_id: input.external_id.as_deref(),
        tags: tags.requested,
        transitive_tag_keys: tags.transitive_keys.clone(),
        source_identity: input.source_identity.as_deref(),
    };
    let role = sts.identities.check_assume(&cx, &wish).map_err(errors::from_seam)?;
    let requested = sessions::duration(input.duration_seconds);
    let duration = check_duration(&cx, &role, requested)?;
    let policies = SessionPolicies::parse(&sts, input.policy, input.policy_arns)?;
    let is_packed = !policies.is_empty() || !tags.all.is_empty();
    let packed_policy_size = is_packed.then(|| policies.packed_size(&tags.all));

    let session = input.role_session_name;
    let source_identity = input.source_identity.or(inherited_identity);
    let who = Who::Role { arn: role.arn, id: role.id, session };
    let mut claims = sts.claims(who, duration);
    claims.policies = policies.texts;
    claims.policy_arns = policies.arns;
    claims.tags = tags.all;
    claims.transitive_tag_keys = tags.transitive_keys;
    claims.source_identity.clone_from(&source_identity);
    claims.chained = is_role_session(&cx);
    let issued = sts.issue(claims, role.account).map_err(errors::from_seam)?;
    let assumed_role_user = AssumedRoleUser {
        assumed_role_id: issued.caller.user_id.clone(),
        arn: issued.caller.arn.clone(),
    };
    Ok(AssumeRoleResponse {
        credentials: Some(sessions::credentials(&issued)),
        assumed_role_user: Some(assumed_role_user),
        packed_policy_size,
        source_identity,
    })
}

fn is_role_session(cx: &CallCx) -> bool {
    matches!(cx.caller.principal, Principal::AssumedRole { .. })
}

fn check_duration(
    cx: &CallCx,
    role: &RoleIdentity,
    requested: Option<Duration>,
) -> Result<Duration, wire::Error> {
    let duration = requested.unwrap_or(limits::ROLE_SESSION);
    if is_role_session(cx) && duration > limits::CHAINED_SESSION_MAX {
        return Err(errors::chained_session_too_long());
    }
    if duration > role.session_duration_max {
        return Err(errors::session_too_long());
    }
    Ok(duration)
}

/// The calling session's transitive tags.
fn inherited_tags(cx: &CallCx) -> BTreeMap<String, String> {
    let Some(session) = &cx.caller.session else { return BTreeMap::new() };
    let is_transitive =
        |key: &str| session.transitive_tag_keys.iter().any(|t| t.eq_ignore_ascii_case(key));
    let tags = session.tags.iter().filter(|(key, _)| is_transitive(key));
    tags.map(|(key, value)| (key.clone(), value.clone())).collect()
}
