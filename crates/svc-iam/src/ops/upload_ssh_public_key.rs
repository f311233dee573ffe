//! `UploadSSHPublicKey`: keep an SSH public key of a user.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::id;
use crate::model::ssh_key::{KeyError, SshKey};
use crate::ops::credentials;
use crate::tables::SshKeyRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn upload_ssh_public_key(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UploadSSHPublicKeyRequest,
) -> Result<wire_iam::UploadSSHPublicKeyResponse, wire::Error> {
    let account = cx.account;
    let parsed = SshKey::parse(&input.ssh_public_key_body).map_err(|error| match error {
        KeyError::Encoding => errors::bad_ssh_encoding(),
        KeyError::Key => errors::bad_ssh_key(),
    })?;
    let row = SshKeyRecord {
        id: id::unique(&*iam.entropy, id::SSH_KEY),
        body: input.ssh_public_key_body,
        fingerprint: parsed.fingerprint(),
        active: true,
        uploaded_ms: iam.now().unix_ms(),
    };
    let name = input.user_name;
    let key = iam
        .write(move |tx| {
            let (user, mut credentials) = credentials::load(tx, account, &name)?;
            let known = &mut credentials.ssh_keys;
            if known.iter().any(|known| known.fingerprint == row.fingerprint) {
                return Err(errors::ssh_key_uploaded());
            }
            if known.len() >= limits::SSH_KEYS_PER_USER {
                return Err(errors::quota("SSHPublicKeysPerUser", limits::SSH_KEYS_PER_USER));
            }
            known.push(row.clone());
            credentials::save(tx, account, &user.name, &credentials)?;
            Ok(credentials::ssh_key(&user.name, &row))
        })
        .await?;
    Ok(wire_iam::UploadSSHPublicKeyResponse { ssh_public_key: Some(key) })
}
