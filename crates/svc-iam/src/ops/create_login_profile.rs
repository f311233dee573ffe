//! `CreateLoginProfile`: give a user a password.

use crate::Iam;
use crate::errors;
use crate::model::id;
use crate::ops::{credentials, passwords, users};
use crate::tables::LoginRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn create_login_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateLoginProfileRequest,
) -> Result<wire_iam::CreateLoginProfileResponse, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    let password = input.password.ok_or_else(errors::password_missing)?;
    iam.read(|view| {
        let (user, _) = credentials::load(view, account, &name)?;
        passwords::check(view, account, &user.name, &password)
    })
    .await?;
    let salt = id::secret(&*iam.entropy);
    let hash = passwords::hash(password, salt.clone()).await?;
    let now_ms = iam.now().unix_ms();
    let login = LoginRecord {
        created_ms: now_ms,
        changed_ms: now_ms,
        reset_required: input.password_reset_required.unwrap_or(false),
        salt,
        hashes: vec![hash],
    };
    let login_profile = iam
        .write(move |tx| {
            let (user, mut credentials) = credentials::load(tx, account, &name)?;
            if credentials.login.is_some() {
                return Err(errors::login_profile_exists(&user.name));
            }
            credentials.login = Some(login.clone());
            credentials::save(tx, account, &name, &credentials)?;
            Ok(passwords::shape(&user.name, &login))
        })
        .await?;
    Ok(wire_iam::CreateLoginProfileResponse { login_profile })
}
