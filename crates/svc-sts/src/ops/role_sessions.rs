//! Sessions of roles, whoever asks for them.

use super::sessions::{self, SessionPolicies};
use crate::model::claims::{Federation, Who};
use crate::model::tags::SessionTags;
use crate::{Sts, errors, limits};
use seams::{RoleIdentity, TemporaryCredentials};
use std::time::Duration;
use wire_sts::{AssumedRoleUser, PolicyDescriptorType};

/// A session to be made; that the role may be taken on was decided before.
pub struct RoleSession {
    /// Whose session it is.
    pub role: RoleIdentity,
    /// `RoleSessionName`.
    pub name: String,
    /// As requested.
    pub duration_seconds: Option<i32>,
    /// A session policy as a text.
    pub policy: Option<String>,
    /// Session policies by their ARNs.
    pub policy_arns: Option<Vec<PolicyDescriptorType>>,
    /// Requested and inherited.
    pub tags: SessionTags,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<String>,
    /// Whether a session of a role asks for it.
    pub chained: bool,
    /// Whether a device's code was given.
    pub mfa: bool,
    /// What an identity provider said.
    pub federation: Option<Federation>,
}

/// A session that was made.
pub struct Made {
    /// What its owner needs.
    pub credentials: TemporaryCredentials,
    /// In percent; none if there was nothing to pack, as recorded.
    pub packed_policy_size: Option<i32>,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<String>,
}

impl Made {
    /// As answers show it.
    pub fn user(&self) -> AssumedRoleUser {
        let caller = &self.credentials.caller;
        AssumedRoleUser { assumed_role_id: caller.user_id.clone(), arn: caller.arn.clone() }
    }
}

impl Sts {
    /// Makes `session`, within the limits of its role.
    pub(crate) fn role_session(&self, session: RoleSession) -> Result<Made, wire::Error> {
        let duration = check_duration(&session)?;
        let policies = SessionPolicies::parse(self, session.policy, session.policy_arns)?;
        let tags = session.tags;
        let packed = policies.packed_size(&tags.all)?;
        let is_packed = !policies.is_empty() || !tags.all.is_empty();
        let account = session.role.account;
        let who = Who::Role { arn: session.role.arn, id: session.role.id, session: session.name };
        let mut claims = self.claims(who, duration);
        claims.policies = policies.texts;
        claims.policy_arns = policies.arns;
        claims.tags = tags.all;
        claims.transitive_tag_keys = tags.transitive_keys;
        claims.source_identity.clone_from(&session.source_identity);
        claims.chained = session.chained;
        claims.mfa = session.mfa;
        claims.federation = session.federation;
        let credentials = self.issue(claims, account).map_err(errors::from_seam)?;
        let packed_policy_size = is_packed.then_some(packed);
        Ok(Made { credentials, packed_policy_size, source_identity: session.source_identity })
    }
}

fn check_duration(session: &RoleSession) -> Result<Duration, wire::Error> {
    let duration = sessions::duration(session.duration_seconds).unwrap_or(limits::ROLE_SESSION);
    if session.chained && duration > limits::CHAINED_SESSION_MAX {
        return Err(errors::chained_session_too_long());
    }
    if duration > session.role.session_duration_max {
        return Err(errors::session_too_long());
    }
    Ok(duration)
}
