//! `AssumeRole`: a session of a role, if the role trusts the caller and the caller's own policies let it.

use super::role_sessions::RoleSession;
use super::sessions;
use crate::model::tags::SessionTags;
use crate::{Sts, errors};
use base::Arn;
use seams::{AssumeRole, CallCx, Principal};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_sts::{AssumeRoleRequest, AssumeRoleResponse};

/// See the module.
pub async fn assume_role(
    sts: Arc<Sts>,
    cx: Arc<CallCx>,
    input: AssumeRoleRequest,
) -> Result<AssumeRoleResponse, wire::Error> {
    if Arn::parse(&input.role_arn).is_none() {
        return Err(errors::invalid_role_arn(&input.role_arn));
    }
    if input.provided_contexts.is_some_and(|contexts| !contexts.is_empty()) {
        return Err(errors::provided_contexts_not_implemented());
    }
    let inherited = inherited_tags(&cx);
    let transitive = input.transitive_tag_keys.as_deref();
    let tags = SessionTags::parse(input.tags.as_deref(), transitive, inherited)?;
    let (serial_number, code) = (input.serial_number.as_deref(), input.token_code.as_deref());
    let mfa = sessions::check_mfa(&sts, &cx, serial_number, code).await?;
    let inherited_identity = cx.caller.session.as_ref().and_then(|s| s.source_identity.clone());
    if inherited_identity.is_some() && input.source_identity.as_ref() != inherited_identity.as_ref()
    {
        // Once set, a source identity stays: a request may repeat it and nothing else.
        if input.source_identity.is_some() {
            return Err(errors::source_identity_taken(&cx.caller.arn, &input.role_arn));
        }
    }
    let wish = AssumeRole {
        role_arn: &input.role_arn,
        session_name: &input.role_session_name,
        external_id: input.external_id.as_deref(),
        tags: tags.requested.clone(),
        transitive_tag_keys: tags.transitive_keys.clone(),
        // An inherited one is asked for again, so that trust policies can demand it.
        source_identity: input.source_identity.as_deref().or(inherited_identity.as_deref()),
        mfa_authenticated: mfa,
        ..AssumeRole::default()
    };
    let role = sts.identities.check_assume(&cx, &wish).map_err(errors::from_seam)?;
    let made = sts.role_session(RoleSession {
        role,
        name: input.role_session_name,
        duration_seconds: input.duration_seconds,
        policy: input.policy,
        policy_arns: input.policy_arns,
        tags,
        source_identity: input.source_identity.or(inherited_identity),
        chained: matches!(cx.caller.principal, Principal::AssumedRole { .. }),
        mfa,
        federation: None,
    })?;
    Ok(AssumeRoleResponse {
        credentials: Some(sessions::credentials(&made.credentials)),
        assumed_role_user: Some(made.user()),
        packed_policy_size: made.packed_policy_size,
        source_identity: made.source_identity,
    })
}

/// The calling session's transitive tags.
fn inherited_tags(cx: &CallCx) -> BTreeMap<String, String> {
    let Some(session) = &cx.caller.session else { return BTreeMap::new() };
    let is_transitive =
        |key: &str| session.transitive_tag_keys.iter().any(|t| t.eq_ignore_ascii_case(key));
    let tags = session.tags.iter().filter(|(key, _)| is_transitive(key));
    tags.map(|(key, value)| (key.clone(), value.clone())).collect()
}
