//! `UpdateLoginProfile`: set a user's password, or that it must be changed.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, passwords};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_login_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateLoginProfileRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let name = input.user_name;
    let password = input.password;
    let salt = iam
        .read(|view| {
            let salt = passwords::salt(view, account, &name)?;
            if let Some(password) = &password {
                passwords::check(view, account, &name, password)?;
            }
            Ok(salt)
        })
        .await?;
    let hash = match password {
        Some(password) => Some(passwords::hash(password, salt.clone()).await?),
        None => None,
    };
    let now_ms = iam.now().unix_ms();
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &name)?;
        let login = credentials.login.as_mut();
        let login = login.ok_or_else(|| errors::no_such_login_profile(&user.name))?;
        if let Some(hash) = &hash {
            passwords::set(tx, account, login, &user.name, (hash, &salt), now_ms)?;
        }
        if let Some(reset_required) = input.password_reset_required {
            login.reset_required = reset_required;
        }
        credentials::save(tx, account, &name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
