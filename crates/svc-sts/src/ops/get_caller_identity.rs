//! `GetCallerIdentity`: whom the credentials of the request prove. Needs no permission.

use crate::Sts;
use seams::CallCx;
use std::sync::Arc;
use wire_sts::{GetCallerIdentityRequest, GetCallerIdentityResponse};

/// See the module.
pub async fn get_caller_identity(
    _: Arc<Sts>,
    cx: Arc<CallCx>,
    _: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, wire::Error> {
    Ok(GetCallerIdentityResponse {
        user_id: Some(cx.caller.user_id.clone()),
        account: Some(cx.caller.account.to_string()),
        arn: Some(cx.caller.arn.clone()),
    })
}
