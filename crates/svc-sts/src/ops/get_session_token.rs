//! `GetSessionToken`: a session of the calling user, with the user's own permissions. Needs no permission.

use super::sessions;
use crate::model::claims::Who;
use crate::{Sts, errors, limits};
use seams::{CallCx, Principal};
use std::sync::Arc;
use wire_sts::{GetSessionTokenRequest, GetSessionTokenResponse};

/// See the module.
pub async fn get_session_token(
    sts: Arc<Sts>,
    cx: Arc<CallCx>,
    input: GetSessionTokenRequest,
) -> Result<GetSessionTokenResponse, wire::Error> {
    sessions::check_long_term(&cx, "GetSessionToken")?;
    let (serial_number, code) = (input.serial_number.as_deref(), input.token_code.as_deref());
    let mfa = sessions::check_mfa(&sts, &cx, serial_number, code).await?;
    let caller = &cx.caller;
    let account = caller.account.to_string();
    let requested = sessions::duration(input.duration_seconds).unwrap_or(limits::USER_SESSION);
    let (who, duration) = match &caller.principal {
        Principal::Root => (Who::Root { account }, requested.min(limits::ROOT_SESSION_MAX)),
        Principal::User { name } => {
            let (name, id) = (name.clone(), caller.user_id.clone());
            (Who::User { account, name, id }, requested)
        }
        _ => return Err(errors::session_credentials("GetSessionToken")),
    };
    let mut claims = sts.claims(who, duration);
    claims.mfa = mfa;
    let issued = sts.issue(claims, caller.account).map_err(errors::from_seam)?;
    Ok(GetSessionTokenResponse { credentials: Some(sessions::credentials(&issued)) })
}
