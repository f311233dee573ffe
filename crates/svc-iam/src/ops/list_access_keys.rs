//! `ListAccessKeys`: the keys of a user without their secrets.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::users;
use crate::tables::{ACCESS_KEYS, Named, UserRecord, time};
use seams::CallCx;
use std::sync::Arc;
use wire_iam::{AccessKeyMetadata, ListAccessKeysResponse};

/// See the module.
pub async fn list_access_keys(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListAccessKeysRequest,
) -> Result<ListAccessKeysResponse, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let user = UserRecord::load(view, account, name)?;
        let mut keys = Vec::new();
        for id in &user.access_keys {
            if let Some(row) = view.get(&ACCESS_KEYS, id)? {
                keys.push(AccessKeyMetadata {
                    user_name: Some(user.name.clone()),
                    access_key_id: Some(id.clone()),
                    status: Some(users::status(row.active)),
                    create_date: Some(time(row.created_ms).into()),
                });
            }
        }
        keys.sort_by_cached_key(|key| key.access_key_id.clone());
        let page = page.of(keys, |key| key.access_key_id.clone().unwrap_or_default());
        Ok(ListAccessKeysResponse {
            access_key_metadata: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
