//! `GetSSHPublicKey`: an SSH public key of a user, in OpenSSH's form or in PEM.

use crate::Iam;
use crate::errors;
use crate::model::ssh_key::SshKey;
use crate::ops::credentials;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::EncodingType;

/// See the module.
pub async fn get_ssh_public_key(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetSSHPublicKeyRequest,
) -> Result<wire_iam::GetSSHPublicKeyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let (user, credentials) = credentials::load(view, account, &input.user_name)?;
        let id = &input.ssh_public_key_id;
        let row = credentials.ssh_keys.iter().find(|known| known.id == *id);
        let row = row.ok_or_else(|| errors::no_such_ssh_key(id))?;
        let parsed = SshKey::parse(&row.body).map_err(|_| errors::bad_ssh_key())?;
        let body = match input.encoding {
            EncodingType::Ssh => parsed.ssh(),
            EncodingType::Pem => parsed.pem().ok_or_else(errors::bad_ssh_key)?,
        };
        let shape = credentials::ssh_key(&user.name, row);
        let key = wire_iam::SSHPublicKey { ssh_public_key_body: body, ..shape };
        Ok(wire_iam::GetSSHPublicKeyResponse { ssh_public_key: Some(key) })
    })
    .await
}
