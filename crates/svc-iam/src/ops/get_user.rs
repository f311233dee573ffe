//! `GetUser`: a user; without a name the caller, which may be the root user.

use crate::Iam;
use crate::model::shapes;
use crate::ops::users;
use crate::tables::{Named, UserRecord};
use seams::CallCx;
use seams::Principal;
use std::sync::Arc;
use wire_iam::{GetUserResponse, User};

/// See the module.
pub async fn get_user(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetUserRequest,
) -> Result<GetUserResponse, wire::Error> {
    let account = cx.account;
    if input.user_name.is_none() && cx.caller.principal == Principal::Root {
        let user =
            User { user_id: account.to_string(), arn: cx.caller.arn.clone(), ..User::default() };
        return Ok(GetUserResponse { user });
    }
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?;
    iam.read(|view| {
        let user = UserRecord::load(view, account, name)?;
        Ok(GetUserResponse { user: shapes::user(account, &user) })
    })
    .await
}
