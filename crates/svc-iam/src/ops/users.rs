//! What operations on users and their keys share.

use crate::errors::{self, Error};
use crate::tables::{
    ACCESS_KEYS, AccessKeyRecord, GROUP_MEMBERS, GroupRecord, Named, UserRecord, key,
};
use base::AccountId;
use seams::{CallCx, Principal};
use store::{Prefix, View};
use wire_iam::StatusType;

/// The name in the request or, without one, that of the user who calls.
pub fn name_or_caller<'a>(cx: &'a CallCx, name: Option<&'a str>) -> Result<&'a str, Error> {
    match (name, &cx.caller.principal) {
        (Some(name), _) => Ok(name),
        (None, Principal::User { name }) => Ok(name),
        (None, _) => Err(errors::user_name_missing()),
    }
}

/// A user and one of its keys.
pub fn load_access_key(
    view: &View<'_>,
    account: AccountId,
    name: &str,
    access_key_id: &str,
) -> Result<(UserRecord, AccessKeyRecord), Error> {
    let user = UserRecord::load(view, account, name)?;
    let is_own = user.access_keys.iter().any(|known| known == access_key_id);
    let row = if is_own { view.get(&ACCESS_KEYS, &access_key_id.to_string())? } else { None };
    let row = row.ok_or_else(|| errors::no_such_access_key(access_key_id))?;
    Ok((user, row))
}

/// `Active` or `Inactive`.
pub fn status(active: bool) -> StatusType {
    if active { StatusType::Active } else { StatusType::Inactive }
}

/// The members of a group, sorted by name.
pub fn members(
    view: &View<'_>,
    account: AccountId,
    group: &GroupRecord,
) -> Result<Vec<UserRecord>, Error> {
    let (_, group) = key(account, &group.name);
    let range = Prefix::of((account, group));
    let keys = view.scan_keys(&GROUP_MEMBERS, range, store::limits::SCAN_ROWS_MAX)?;
    keys.into_iter().map(|(_, _, user)| UserRecord::load(view, account, &user)).collect()
}
