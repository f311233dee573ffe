//! `GetAccessKeyInfo`: the account that an access key belongs to, whether or not the key exists.

use crate::seams::root_account;
use crate::{Sts, errors};
use seams::CallCx;
use std::sync::Arc;
use wire_sts::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse};

/// See the module.
pub async fn get_access_key_info(
    _: Arc<Sts>,
    _: Arc<CallCx>,
    input: GetAccessKeyInfoRequest,
) -> Result<GetAccessKeyInfoResponse, wire::Error> {
    let id = &input.access_key_id;
    let account = root_account(id).or_else(|| base::access_key_account(id));
    let account = account.ok_or_else(|| errors::invalid_access_key(id))?;
    Ok(GetAccessKeyInfoResponse { account: Some(account.to_string()) })
}
