//! What operations on passwords share.

use crate::errors::{self, Error};
use crate::limits;
use crate::model::password;
use crate::model::password::PasswordPolicy;
use crate::ops::credentials;
use crate::tables::{ACCOUNTS, LoginRecord, time};
use base::AccountId;
use store::View;
use subtle::ConstantTimeEq;

/// Hashing takes a tenth of a second, so it is not done where requests are read.
pub async fn hash(password: String, salt: String) -> Result<String, wire::Error> {
    let work = move || hexadecimal(&password::hash(&password, salt.as_bytes()));
    tokio::task::spawn_blocking(work).await.map_err(wire::Error::internal)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The account's own rules.
pub fn policy(view: &View<'_>, account: AccountId) -> Result<Option<PasswordPolicy>, Error> {
    Ok(view.get(&ACCOUNTS, &account)?.and_then(|row| row.password_policy))
}

/// Refuses a password that the account's rules do not accept.
pub fn check(view: &View<'_>, account: AccountId, user: &str, password: &str) -> Result<(), Error> {
    let policy = policy(view, account)?;
    password::check(policy.as_ref(), user, password).map_err(errors::bad_password)
}

/// The salt of a user's password.
pub fn salt(view: &View<'_>, account: AccountId, name: &str) -> Result<String, Error> {
    let (user, credentials) = credentials::load(view, account, name)?;
    let login = credentials.login.ok_or_else(|| errors::no_such_login_profile(&user.name))?;
    Ok(login.salt)
}

/// Replaces a password by one with this hash, which was computed with this salt.
pub fn set(
    view: &View<'_>,
    account: AccountId,
    login: &mut LoginRecord,
    user: &str,
    (hash, salt): (&str, &str),
    now_ms: u64,
) -> Result<(), Error> {
    if login.salt != salt {
        return Err(errors::login_profile_changed(user));
    }
    let remembered = policy(view, account)?.and_then(|policy| policy.remembered).unwrap_or(0);
    let is_former = |known: &String| known.as_bytes().ct_eq(hash.as_bytes()).into();
    if login.hashes.iter().take(remembered.into()).any(is_former) {
        return Err(errors::password_reused());
    }
    login.hashes.insert(0, hash.to_string());
    login.hashes.truncate(limits::PASSWORDS_REMEMBERED);
    login.changed_ms = now_ms;
    Ok(())
}

/// As AWS's shape.
pub fn shape(user: &str, login: &LoginRecord) -> wire_iam::LoginProfile {
    wire_iam::LoginProfile {
        user_name: user.to_string(),
        create_date: time(login.created_ms).into(),
        password_reset_required: Some(login.reset_required),
    }
}
