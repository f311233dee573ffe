//! `ListSSHPublicKeys`: the SSH public keys of a user.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::{credentials, users};
use crate::tables::time;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_ssh_public_keys(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListSSHPublicKeysRequest,
) -> Result<wire_iam::ListSSHPublicKeysResponse, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let (user, mut credentials) = credentials::load(view, account, name)?;
        credentials.ssh_keys.sort_by(|a, b| a.id.cmp(&b.id));
        let page = page.of(credentials.ssh_keys, |row| row.id.clone());
        let page = page.map(|row| wire_iam::SSHPublicKeyMetadata {
            user_name: user.name.clone(),
            status: users::status(row.active),
            upload_date: time(row.uploaded_ms).into(),
            ssh_public_key_id: row.id,
        });
        Ok(wire_iam::ListSSHPublicKeysResponse {
            ssh_public_keys: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
