//! `DeleteServiceSpecificCredential`: remove a name and password for one service.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, users};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_service_specific_credential(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteServiceSpecificCredentialRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &name)?;
        let known = &mut credentials.service_credentials;
        let id = &input.service_specific_credential_id;
        let at = known.iter().position(|known| known.id == *id);
        known.remove(at.ok_or_else(|| errors::no_such_service_credential(id))?);
        credentials::save(tx, account, &user.name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
