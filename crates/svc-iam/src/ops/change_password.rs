//! `ChangePassword`: replace the caller's own password.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, passwords};
use seams::CallCx;
use seams::Principal;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// See the module.
pub async fn change_password(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ChangePasswordRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let Principal::User { name } = &cx.caller.principal else {
        return Err(errors::only_users_change_passwords().into());
    };
    let name = name.clone();
    let salt = iam
        .read(|view| {
            let salt = passwords::salt(view, account, &name)?;
            passwords::check(view, account, &name, &input.new_password)?;
            Ok(salt)
        })
        .await?;
    let old = passwords::hash(input.old_password, salt.clone()).await?;
    let new = passwords::hash(input.new_password, salt.clone()).await?;
    let now_ms = iam.now().unix_ms();
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &name)?;
        let login = credentials.login.as_mut();
        let login = login.ok_or_else(|| errors::no_such_login_profile(&user.name))?;
        let is_right = login.hashes.first().map(|hash| hash.as_bytes().ct_eq(old.as_bytes()));
        if !is_right.is_some_and(bool::from) {
            return Err(errors::wrong_password());
        }
        passwords::set(tx, account, login, &user.name, (&new, &salt), now_ms)?;
        login.reset_required = false;
        credentials::save(tx, account, &name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
