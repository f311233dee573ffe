//! What operations on roles share.

use crate::errors::{self, Error};
use crate::tables::{ROLES, USERS, key};
use base::Arn;
use policy::limits::{TRUST_CHARACTERS_MAX, counted_characters};
use policy::{Kind, Policy};
use store::View;

/// Checks a trust policy: its form, its size, and that the users and roles that it names exist.
pub fn check_trust(view: &View<'_>, document: &str) -> Result<(), Error> {
    let policy = Policy::parse(document, Kind::Trust)?;
    if counted_characters(document) > TRUST_CHARACTERS_MAX {
        return Err(errors::quota("ACLSizePerRole", TRUST_CHARACTERS_MAX));
    }
    for text in policy.principal_arns() {
        if !principal_exists(view, text)? {
            return Err(errors::invalid_principal(text));
        }
    }
    Ok(())
}

/// Sessions are not looked up: AWS trusts them before they begin.
fn principal_exists(view: &View<'_>, text: &str) -> Result<bool, Error> {
    let arn = Arn::parse(text).filter(|arn| arn.service() == "iam");
    let Some((arn, account)) = arn.and_then(|arn| arn.account_id().map(|a| (arn, a))) else {
        return Ok(true);
    };
    let name = arn.resource().rsplit('/').next().unwrap_or_default();
    let key = key(account, name);
    Ok(if arn.resource().starts_with("user/") {
        view.contains(&USERS, &key)?
    } else {
        view.contains(&ROLES, &key)?
    })
}
