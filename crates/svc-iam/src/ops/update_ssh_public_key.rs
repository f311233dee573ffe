//! `UpdateSSHPublicKey`: switch an SSH public key of a user off or on.

use crate::Iam;
use crate::errors;
use crate::ops::credentials;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::StatusType;

/// See the module.
pub async fn update_ssh_public_key(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateSSHPublicKeyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &input.user_name)?;
        let (known, id) = (&mut credentials.ssh_keys, &input.ssh_public_key_id);
        let row = known.iter_mut().find(|known| known.id == *id);
        let row = row.ok_or_else(|| errors::no_such_ssh_key(id))?;
        row.active = input.status == StatusType::Active;
        credentials::save(tx, account, &user.name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
