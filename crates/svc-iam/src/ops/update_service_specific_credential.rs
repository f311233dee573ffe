//! `UpdateServiceSpecificCredential`: switch a name and password for one service off or on.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, users};
use seams::CallCx;
use std::sync::Arc;
use wire_iam::StatusType;

/// See the module.
pub async fn update_service_specific_credential(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateServiceSpecificCredentialRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &name)?;
        let known = &mut credentials.service_credentials;
        let id = &input.service_specific_credential_id;
        let row = known.iter_mut().find(|known| known.id == *id);
        let row = row.ok_or_else(|| errors::no_such_service_credential(id))?;
        row.active = input.status == StatusType::Active;
        credentials::save(tx, account, &user.name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
