//! `GetLoginProfile`: whether a user has a password, and since when.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, passwords, users};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_login_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetLoginProfileRequest,
) -> Result<wire_iam::GetLoginProfileResponse, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?;
    iam.read(|view| {
        let (user, credentials) = credentials::load(view, account, name)?;
        let login = credentials.login.ok_or_else(|| errors::no_such_login_profile(&user.name))?;
        let login_profile = passwords::shape(&user.name, &login);
        Ok(wire_iam::GetLoginProfileResponse { login_profile })
    })
    .await
}
