//! `GetAccessKeyLastUsed`: when and for what a key was last used, as far as is remembered.

use crate::Iam;
use crate::errors;
use crate::tables::{ACCESS_KEYS, USERS};
use seams::CallCx;
use std::sync::Arc;
use wire_iam::{AccessKeyLastUsed, GetAccessKeyLastUsedResponse};

/// See the module.
pub async fn get_access_key_last_used(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetAccessKeyLastUsedRequest,
) -> Result<GetAccessKeyLastUsedResponse, wire::Error> {
    let account = cx.account;
    let last = match iam.last_uses.get(&input.access_key_id) {
        Some(last) => AccessKeyLastUsed {
            last_used_date: Some(last.at.into()),
            service_name: last.service,
            region: last.region,
        },
        None => AccessKeyLastUsed {
            last_used_date: None,
            service_name: "N/A".to_string(),
            region: "N/A".to_string(),
        },
    };
    iam.read(|view| {
        let row = view.get(&ACCESS_KEYS, &input.access_key_id)?;
        let row = row.filter(|row| row.account == account.to_string());
        let row = row.ok_or_else(|| errors::no_such_access_key(&input.access_key_id))?;
        let user = view.get(&USERS, &(account, row.user))?;
        Ok(GetAccessKeyLastUsedResponse {
            user_name: user.map(|user| user.name),
            access_key_last_used: Some(last),
        })
    })
    .await
}
