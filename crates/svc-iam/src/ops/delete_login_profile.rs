//! `DeleteLoginProfile`: take a user's password away.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, users};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_login_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteLoginProfileRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &name)?;
        if credentials.login.take().is_none() {
            return Err(errors::no_such_login_profile(&user.name));
        }
        credentials::save(tx, account, &name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
