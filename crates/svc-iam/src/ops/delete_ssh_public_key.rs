//! `DeleteSSHPublicKey`: remove an SSH public key of a user.

use crate::Iam;
use crate::errors;
use crate::ops::credentials;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_ssh_public_key(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteSSHPublicKeyRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &input.user_name)?;
        let (known, id) = (&mut credentials.ssh_keys, &input.ssh_public_key_id);
        let at = known.iter().position(|known| known.id == *id);
        known.remove(at.ok_or_else(|| errors::no_such_ssh_key(id))?);
        credentials::save(tx, account, &user.name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
