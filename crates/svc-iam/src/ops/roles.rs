//! What operations on roles share.

use crate::Iam;
use crate::errors::{self, Error};
use crate::tables::{Named, ROLES, RoleRecord, USERS, key};
use base::Arn;
use policy::limits::{TRUST_CHARACTERS_MAX, counted_characters};
use policy::{Kind, Policy};
use std::collections::BTreeMap;
use store::View;
use wire_iam::RoleLastUsed;

/// Checks a trust policy: its form, its size, and that the users and roles that it names exist. Answers with their
/// unique ids, by ARN.
pub fn check_trust(view: &View<'_>, document: &str) -> Result<BTreeMap<String, String>, Error> {
    let policy = Policy::parse(document, Kind::Trust)?;
    if counted_characters(document) > TRUST_CHARACTERS_MAX {
        return Err(errors::quota("ACLSizePerRole", TRUST_CHARACTERS_MAX));
    }
    let mut ids = BTreeMap::new();
    // Sessions are not looked up: AWS trusts them before they begin.
    for arn in policy.principal_arns().filter(|arn| arn.starts_with("arn:aws:iam:")) {
        let id = unique_id(view, arn)?.ok_or_else(|| errors::invalid_principal(arn))?;
        ids.insert(arn.to_string(), id);
    }
    Ok(ids)
}

/// The unique id of the user or role that now has this ARN.
pub fn unique_id(view: &View<'_>, text: &str) -> Result<Option<String>, Error> {
    let Some(arn) = Arn::parse(text) else { return Ok(None) };
    let Some(account) = arn.account_id() else { return Ok(None) };
    let key = key(account, arn.resource().rsplit('/').next().unwrap_or_default());
    let (found, id) = if arn.resource().starts_with("user/") {
        let Some(user) = view.get(&USERS, &key)? else { return Ok(None) };
        (user.arn(account), user.id)
    } else {
        let Some(role) = view.get(&ROLES, &key)? else { return Ok(None) };
        (role.arn(account), role.id)
    };
    Ok((found == text).then_some(id))
}

impl Iam {
    /// When the role was last used.
    pub(super) fn role_last_used(&self, role: &RoleRecord) -> RoleLastUsed {
        let last = self.accesses.last(&role.id);
        RoleLastUsed {
            last_used_date: last.as_ref().map(|last| last.at.into()),
            region: last.map(|last| last.region),
        }
    }
}
